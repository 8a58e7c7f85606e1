/** How a key stands before its value. */
export class KeyForm {
  /** The byte of the quote around the key, 0 for none, and the backslashes before it. */
  quote = 0
  backslashes = 0
  /** The key has quotes, in any encoding. */
  isQuoted = false
  /** `=`, `:`, `;` or, for `=>`, `>`; that of XML is `<`. */
  separator = 0
  /** Bytes of a separator that is written with percent signs; 1: of any other. */
  width = 1
  /** A header, whose value goes to the end of the line. */
  isHeader = false
  /** Digits alone are a value of it. */
  isOfDigits = false
}

// Tested in test/redact/redactor.test.ts
