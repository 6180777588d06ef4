import type { FigureSource } from '../../figure/figure.ts'

/** What the site itself says, in each language. A language that is not here speaks English around its pages. */
export interface Words {
  /** The language's own name. */
  readonly name: string
  readonly site: string
  readonly skip: string
  readonly pages: string
  readonly contents: string
  readonly previous: string
  readonly next: string
  readonly search: string
  readonly searchHint: string
  readonly found: string
  readonly nothing: string
  readonly darkTheme: string
  readonly copy: string
  readonly copied: string
  readonly whereToTick: (file: string) => string
  readonly groups: {
    readonly chapters: string
    readonly labs: string
    readonly reference: string
    readonly behind: string
  }
  readonly boxes: Readonly<Record<BoxKind, string>>
  readonly facts: {
    readonly time: string
    readonly minutes: (minutes: number) => string
    readonly needs: string
    readonly nothingNeeded: string
    readonly lab: (number: string) => string
    readonly read: string
    readonly file: string
    readonly rfc: string
    readonly practises: (count: number) => string
    readonly teaches: (count: number) => string
  }
  readonly source: string
  readonly made: (how: FigureSource['how'], on: string) => string
  readonly again: string
  readonly notToScale: string
  readonly notDrawn: string
  readonly asTable: string
  readonly drawing: (number: number, title: string) => string
  readonly drawingAsTable: (number: number, title: string) => string
  readonly table: (number: number, headers: string) => string
  readonly code: (number: number, what: string) => string
  readonly linkTo: (title: string) => string
  readonly back: string
  readonly notFound: string
  readonly moved: string
  readonly chapter: (number: string) => string
  readonly edit: string
  readonly about: string
}

export const BOX_KINDS = ['PREDICT', 'TRY', 'THEN-AND-NOW', 'WILD', 'NOTE'] as const
export type BoxKind = (typeof BOX_KINDS)[number]

export function wordsIn(language: string): Words {
  return WORDS[language] ?? ENGLISH
}

// --- internal ---

const ENGLISH: Words = {
  name: 'English',
  site: 'The socket workbook',
  skip: 'Skip to the text',
  pages: 'All pages',
  contents: 'On this page',
  previous: 'Previous',
  next: 'Next',
  search: 'Search',
  searchHint: 'Search  Ctrl K',
  found: '# results',
  nothing: 'Nothing found',
  darkTheme: 'Dark theme',
  copy: 'Copy',
  copied: 'Copied',
  whereToTick: (file) => `Tick in ${file}, or here while npm run docs serves this page.`,
  groups: { chapters: 'Chapters', labs: 'Labs', reference: 'Look up', behind: 'Behind the workbook' },
  boxes: {
    PREDICT: 'Predict',
    TRY: 'Try it',
    'THEN-AND-NOW': 'Then and now',
    WILD: 'In the wild',
    NOTE: 'Note',
  },
  facts: {
    time: 'Time',
    minutes: (minutes) => `about ${minutes} minutes`,
    needs: 'Needs',
    nothingNeeded: 'no other lab',
    lab: (number) => `lab ${number}`,
    read: 'Read first',
    file: 'You write',
    rfc: 'RFCs',
    practises: (count) => `What you practise: ${count} ${count === 1 ? 'item' : 'items'} of the inventory`,
    teaches: (count) =>
      `What this chapter teaches: ${count} ${count === 1 ? 'item' : 'items'} of the inventory`,
  },
  source: 'Source text',
  made: (how, on) => {
    const what = {
      recorded: 'Recorded from a real run',
      captured: 'Packets captured on the wire',
      computed: 'Computed in virtual time',
    }[how]
    return `${what}${on === '' ? '' : ` (${on})`}.`
  },
  again: 'To make it again:',
  notToScale: 'The axis is not to scale.',
  notDrawn: "The kernel's own SYN+ACK and acknowledgements are not drawn.",
  asTable: 'The same as a table',
  drawing: (number, title) => `Figure ${number}: ${title}`,
  drawingAsTable: (number, title) => `Figure ${number} as a table: ${title}`,
  table: (number, headers) => `Table ${number}: ${headers}`,
  code: (number, what) => `Code ${number}: ${what}`,
  linkTo: (title) => `Link to “${title}”`,
  back: 'Back to the text',
  notFound: 'There is no such page',
  moved: 'It may have moved. All pages begin at',
  chapter: (number) => `Chapter ${number}`,
  edit: 'Edit this page',
  about: 'About this chapter',
}

const KOREAN: Words = {
  name: '한국어',
  site: '소켓 워크북',
  skip: '본문으로 건너뛰기',
  pages: '모든 페이지',
  contents: '이 페이지의 내용',
  previous: '이전',
  next: '다음',
  search: '검색',
  searchHint: '검색  Ctrl K',
  found: '결과 #개',
  nothing: '찾은 것이 없습니다',
  darkTheme: '어두운 테마',
  copy: '복사',
  copied: '복사했습니다',
  whereToTick: (file) => `${file}에 표시하세요. npm run docs로 열면 여기서도 표시할 수 있습니다.`,
  groups: { chapters: '장', labs: '실습', reference: '찾아보기', behind: '워크북의 뒷면' },
  boxes: {
    PREDICT: '예측해 보기',
    TRY: '해 보기',
    'THEN-AND-NOW': '그때와 지금',
    WILD: '현장에서',
    NOTE: '참고',
  },
  facts: {
    time: '시간',
    minutes: (minutes) => `약 ${minutes}분`,
    needs: '먼저 할 실습',
    nothingNeeded: '없음',
    lab: (number) => `실습 ${number}`,
    read: '먼저 읽기',
    file: '작성할 파일',
    rfc: 'RFC',
    practises: (count) => `이 실습에서 익히는 것: 목록의 ${count}개 항목`,
    teaches: (count) => `이 장에서 배우는 것: 목록의 ${count}개 항목`,
  },
  source: '소스',
  made: (how, on) => {
    const what = {
      recorded: '실제 실행을 기록한 그림',
      captured: '선로에서 붙잡은 패킷',
      computed: '가상 시간으로 계산한 그림',
    }[how]
    return `${what}${on === '' ? '' : ` (${on})`}.`
  },
  again: '다시 만들려면:',
  notToScale: '시간 축의 간격은 실제와 다릅니다.',
  notDrawn: '커널이 보내는 SYN+ACK와 확인 응답은 그리지 않았습니다.',
  asTable: '표로 보기',
  drawing: (number, title) => `그림 ${number}: ${title}`,
  drawingAsTable: (number, title) => `그림 ${number}의 표: ${title}`,
  table: (number, headers) => `표 ${number}: ${headers}`,
  code: (number, what) => `코드 ${number}: ${what}`,
  linkTo: (title) => `“${title}” 링크`,
  back: '본문으로 돌아가기',
  notFound: '그런 페이지가 없습니다',
  moved: '다른 곳으로 옮겨졌을 수 있습니다. 처음:',
  chapter: (number) => `${number}장`,
  edit: '이 페이지 고치기',
  about: '이 장에 대하여',
}

const WORDS: Readonly<Record<string, Words>> = { en: ENGLISH, ko: KOREAN }
