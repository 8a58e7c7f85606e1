/** How a key stands before its value. */
export interface KeyForm {
  /** The byte of the quote around the key, 0 for none, and the backslashes before it. */
  quote: number
  backslashes: number
  /** The key has quotes, in any encoding. */
  isQuoted: boolean
  /** `=`, `:`, `;` or, for `=>`, `>`; that of XML is `<`. */
  separator: number
  /** Bytes of a separator that is written with percent signs; 1: of any other. */
  width: number
  /** A header, whose value goes to the end of the line. */
  isHeader: boolean
  /** Digits alone are a value of it. */
  isOfDigits: boolean
}
