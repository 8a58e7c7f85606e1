export interface TemplateRules { readonly names: readonly string[], readonly required: readonly string[] }

/** True if `text` holds only names and fields that can be filled in, every required name, and something at all. */
export function checkTemplate ({ names, required }: TemplateRules, text: string): boolean {
  const rest = text.replace(/\{(\w+)\}/g, (whole, name: string) => names.includes(name) ? '' : whole)
    .replace(/%[YmdH%]/g, '')
  return text !== '' && !/[{}%]|\p{Cc}/u.test(rest) && required.every(name => text.includes(`{${name}}`))
}
