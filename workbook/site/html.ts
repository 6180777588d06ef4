/** Text inside an element or a quoted attribute. */
export { escapeXml as escapeHtml } from '../figure/text.ts'
