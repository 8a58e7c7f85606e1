/** Genuine test numbers that the schemes publish, one or more of each. */
export const cardNumbers = ['4111111111111111', '4012888888881881', '4222222222222', '5555555555554444',
  '2223000048400011', '378282246310005', '30569309025904', '36227206271667', '3530111333300000', '6011111111111117',
  '6200000000000005', '6011000990139424', '4000000000000000006', '6759649826438453', '2200000000000004']

/** What stays of a number. */
export function masked (number: string): string {
  return number.slice(0, 6) + '*'.repeat(number.length - 10) + number.slice(-4)
}

const percent = (text: string) => [...Buffer.from(text)].map(byte => `%${byte.toString(16).padStart(2, '0')}`).join('')

/** Ways in which a text may be written in a log. */
export const encodings: ReadonlyArray<(text: string) => string> = [
  text => text,
  percent,
  text => percent(text).replaceAll('%', '%25'),
  text => percent(text).replaceAll('%', '%2525'),
  text => percent(text).toUpperCase(),
  text => [...Buffer.from(text)].map(byte => `\\x${byte.toString(16).padStart(2, '0')}`).join(''),
  text => [...Buffer.from(text)].map(byte => `\\\\x${byte.toString(16).padStart(2, '0')}`).join(''),
  text => [...text].map(each => `\\u${each.charCodeAt(0).toString(16).padStart(4, '0')}`).join(''),
  text => [...text].map(each => `\\\\u${each.charCodeAt(0).toString(16).padStart(4, '0')}`).join(''),
]
