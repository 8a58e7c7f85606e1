/** Some work, and the least that does it. Both do `units` of it when they are called. */
export interface Part {
  readonly name: string
  readonly floor: string
  readonly units: number
  readonly work: () => unknown
  readonly least: () => unknown
}
