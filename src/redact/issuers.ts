/** First digits of card numbers, from and to, and the lengths of the numbers. */
type Range = readonly [from: string, to: string, ...lengths: readonly number[]]

const long = [16, 17, 18, 19] as const

/**
 * Ranges in which cards are issued today. Sources: ISO/IEC 7812-1 and the schemes' own tables, as gathered in
 * https://en.wikipedia.org/wiki/Payment_card_number#Issuer_identification_number_(IIN)
 */
const ranges: readonly Range[] = [
  // Visa
  ['4', '4', 13, 16, 19],
  // Mastercard
  ['51', '55', 16],
  ['2221', '2720', 16],
  // American Express
  ['34', '34', 15],
  ['37', '37', 15],
  // Diners Club
  ['300', '305', 14, ...long],
  ['3095', '3095', 14, ...long],
  ['36', '36', 14, ...long],
  ['38', '39', 14, ...long],
  // JCB
  ['3528', '3589', ...long],
  ['1800', '1800', 15],
  ['2131', '2131', 15],
  // Discover, UnionPay, RuPay
  ['6011', '6011', ...long],
  ['62', '62', ...long],
  ['644', '659', ...long],
  ['60', '60', 16],
  ['81', '82', ...long],
  ['508', '508', 16],
  // Maestro
  ['50', '50', 13, 14, 15, ...long],
  ['56', '58', 13, 14, 15, ...long],
  ['61', '61', 13, 14, 15, ...long],
  ['63', '63', 13, 14, 15, ...long],
  ['66', '69', 13, 14, 15, ...long],
  // Mir, Troy, Verve
  ['2200', '2204', ...long],
  ['9792', '9792', 16],
  ['5060', '5061', 16, 18, 19],
  ['6500', '6500', 16, 18, 19],
]

const prefixDigits = 4
/** Bit `1 << (length - 13)` for each length that numbers with these first four digits have. */
const lengthBits = new Uint8Array(10 ** prefixDigits)
for (const [from, to, ...lengths] of ranges) {
  const bits = lengths.reduce((sum, length) => sum | (1 << (length - 13)), 0)
  const first = Number(from.padEnd(prefixDigits, '0'))
  const last = Number(to.padEnd(prefixDigits, '9'))
  for (let prefix = first; prefix <= last; prefix++) lengthBits[prefix] = (lengthBits[prefix] as number) | bits
}

/** Twice a digit, and the sum of the two digits where that has two. */
const doubledOf = Uint8Array.of(0, 2, 4, 6, 8, 1, 3, 5, 7, 9)

/** The bit of a digit's marks that says that a number may end with it. */
export const endMark = 2

export const minCardDigits = 13
/** Of sixteen in groups of four, cut behind the third. */
export const minCutDigits = 12
export const maxCardDigits = 19

/**
 * Last digits of the sums of the digits before each, from the front on, some of them doubled: of any stretch they tell
 * at once whether its check digit is right. `even` has the digits at even places doubled, `odd` those at odd ones.
 */
export interface DigitSums {
  readonly even: Uint8Array
  readonly odd: Uint8Array
}

/** Notes the digit at `index`, when those before it have been noted. */
export function noteDigit ({ even, odd }: DigitSums, index: number, digit: number): void {
  const isOdd = (index & 1) === 1
  const doubled = doubledOf[digit] as number
  const ofEven = (even[index] as number) + (isOdd ? digit : doubled)
  const ofOdd = (odd[index] as number) + (isOdd ? doubled : digit)
  even[index + 1] = ofEven < 10 ? ofEven : ofEven - 10
  odd[index + 1] = ofOdd < 10 ? ofOdd : ofOdd - 10
}

/**
 * Length of the card number that begins with the digit at `from`, 0 when none does: one with an issuer's first digits,
 * a length that the issuer uses, and a check digit that is right (Luhn, ISO/IEC 7812-1 annex B).
 *
 * @param digits values of digits, 0 to 9
 * @param marks by index: has the bit `endMark` where a number may end behind the digit. Of several lengths the longest
 *   counts
 */
export function cardLength (
  digits: Uint8Array, { even, odd }: DigitSums, from: number, end: number, marks: Uint8Array
): number {
  if (end - from < minCardDigits) return 0
  const bits = lengthBitsAt(digits, from)
  if (bits === 0) return 0
  for (let length = Math.min(end - from, maxCardDigits); length >= minCardDigits; length--) {
    const numberEnd = from + length
    if ((bits & (1 << (length - minCardDigits))) === 0 ||
      ((marks[numberEnd - 1] as number) & endMark) === 0) continue
    // Every second digit is doubled, the last is not.
    const sums = (numberEnd & 1) === 1 ? odd : even
    if (sums[numberEnd] === sums[from] && !(length === articleDigits && isArticle(digits, from))) return length
  }
  return 0
}

const articleDigits = 13

/**
 * Whether 13 digits are the number of an article in Japan (JAN) or China: they begin with 45, 49 or 69, and the check
 * digit is that of GTIN-13. One in ten of these has that of a card too, and a shop's lines are full of them.
 *
 * Source: https://www.gs1.org/services/how-calculate-check-digit-manually
 */
function isArticle (digits: Uint8Array, from: number): boolean {
  const first = digits[from]
  const second = digits[from + 1]
  if (!(first === 4 && (second === 5 || second === 9)) && !(first === 6 && second === 9)) return false
  let sum = 0
  for (let index = 0; index < articleDigits; index++) {
    sum += (digits[from + index] as number) * (index % 2 === 0 ? 1 : 3)
  }
  return sum % 10 === 0
}

/** Whether the `length` digits from `from` on are the beginning of a longer number of an issuer. */
export function mayGoOn (digits: Uint8Array, from: number, length: number): boolean {
  if (length < minCutDigits || length >= maxCardDigits) return false
  return lengthBitsAt(digits, from) >> (length - minCardDigits + 1) !== 0
}

function lengthBitsAt (digits: Uint8Array, from: number): number {
  return lengthBits[(digits[from] as number) * 1000 + (digits[from + 1] as number) * 100 +
    (digits[from + 2] as number) * 10 + (digits[from + 3] as number)] as number
}

// Tested in test/redact/card-numbers.test.ts
