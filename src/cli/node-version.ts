/** The oldest major version of Node that runs Sluice: `engines` of package.json. */
export const oldestNode = 24

/**
 * What to say on a Node that is too old; undefined on one that is not.
 *
 * The bundle begins with the text of this function: it keeps to what every Node can parse, and needs nothing else.
 */
export function nodeProblem (version: string, path: string, oldest: number): string | undefined {
  if (parseInt(version, 10) >= oldest) return undefined
  return 'sluice: expected Node ' + oldest + ' or newer, found ' + version + ' (' + path + ')\n'
}
