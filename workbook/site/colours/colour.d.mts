export declare function colour(code: string, language: string): Promise<string>
