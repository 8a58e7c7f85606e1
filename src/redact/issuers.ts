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

export const minCardDigits = 13
export const maxCardDigits = 19

/**
 * Length of the card number that begins with the digit at `from`, 0 when none does: one with an issuer's first digits,
 * a length that the issuer uses, and a check digit that is right (Luhn, ISO/IEC 7812-1 annex B).
 *
 * @param digits values of digits, 0 to 9
 * @param isEnd by index: 1 where a number may end behind the digit. Of several lengths the longest counts
 */
export function cardLength (digits: Uint8Array, from: number, end: number, isEnd: Uint8Array): number {
  if (end - from < minCardDigits) return 0
  const prefix = (digits[from] as number) * 1000 + (digits[from + 1] as number) * 100 +
    (digits[from + 2] as number) * 10 + (digits[from + 3] as number)
  const bits = lengthBits[prefix] as number
  if (bits === 0) return 0
  // Which digits are doubled depends on the length: both sums are kept, of even and of odd places doubled.
  let evenDoubled = 0
  let oddDoubled = 0
  let found = 0
  const last = Math.min(end - from, maxCardDigits)
  for (let index = 0; index < last; index++) {
    const digit = digits[from + index] as number
    const doubled = digit > 4 ? digit * 2 - 9 : digit * 2
    evenDoubled += index % 2 === 0 ? doubled : digit
    oddDoubled += index % 2 === 0 ? digit : doubled
    const length = index + 1
    if (length < minCardDigits || isEnd[from + index] === 0 || (bits & (1 << (length - 13))) === 0) continue
    // The last digit is never doubled: with an even length the even places are.
    if ((length % 2 === 0 ? evenDoubled : oddDoubled) % 10 === 0) found = length
  }
  return found
}

// Tested in test/redact/card-numbers.test.ts
