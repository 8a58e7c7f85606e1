/** One metric of a scrape. */
export interface ParsedMetric {
  readonly type: string
  readonly help: string
  readonly samples: { readonly name: string, readonly labels: Record<string, string>, readonly value: number }[]
}

/**
 * Reads Prometheus' text format and forgives nothing: each metric has its HELP line, then its TYPE line, then its
 * samples together; no name, label or series comes twice.
 *
 * Source: https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
 */
export function parsePrometheusText (text: string): Map<string, ParsedMetric> {
  if (!text.endsWith('\n')) throw new Error('the last line has no newline')
  const metrics = new Map<string, ParsedMetric>()
  const seen = new Set<string>()
  let name = ''
  let help: string | undefined
  for (const line of text.slice(0, -1).split('\n')) {
    const helpLine = /^# HELP ([a-z_][a-z0-9_]*) (\S.*)$/.exec(line)
    const typeLine = /^# TYPE ([a-z_][a-z0-9_]*) (counter|gauge|histogram)$/.exec(line)
    if (line === '') continue
    if (helpLine !== null) {
      name = helpLine[1] ?? ''
      help = helpLine[2]
      if (metrics.has(name)) throw new Error(`${name} comes twice`)
    } else if (typeLine !== null) {
      if (typeLine[1] !== name || help === undefined) throw new Error(`TYPE without its HELP before it: ${line}`)
      metrics.set(name, { type: typeLine[2] ?? '', help, samples: [] })
      help = undefined
    } else {
      const metric = metrics.get(name)
      if (metric === undefined || help !== undefined) throw new Error(`sample without HELP and TYPE: ${line}`)
      const sample = parseSample(line)
      const suffix = sample.name.slice(name.length)
      const suffixes = metric.type === 'histogram' ? ['_bucket', '_sum', '_count'] : ['']
      if (!sample.name.startsWith(name) || !suffixes.includes(suffix)) throw new Error(`under ${name}: ${line}`)
      const series = line.slice(0, line.lastIndexOf(' '))
      if (seen.has(series)) throw new Error(`series comes twice: ${series}`)
      seen.add(series)
      metric.samples.push(sample)
    }
  }
  return metrics
}

function parseSample (line: string) {
  const [, name, inBraces, number] = /^([a-z_][a-z0-9_]*)(?:\{(.*)\})? (\S+)$/s.exec(line) ?? []
  if (name === undefined || number === undefined) throw new Error(`not a sample: ${line}`)
  if (!/^(-?\d+(\.\d+)?(e[+-]\d+)?|NaN|[+-]Inf)$/.test(number)) throw new Error(`not a number: ${line}`)
  const labels: Record<string, string> = {}
  let rest = inBraces ?? ''
  while (rest !== '') {
    const [whole, label, value] = /^([a-z_][a-z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,(?=.)|$)/s.exec(rest) ?? []
    if (whole === undefined || label === undefined || value === undefined) throw new Error(`bad labels: ${line}`)
    if (Object.hasOwn(labels, label)) throw new Error(`label comes twice: ${line}`)
    labels[label] = value.replace(/\\(.)/gs, (_, escaped: string) => escaped === 'n' ? '\n' : escaped)
    rest = rest.slice(whole.length)
  }
  return { name, labels, value: Number(number.replace('Inf', 'Infinity')) }
}
