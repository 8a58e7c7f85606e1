import { box, drawRoute, fill, rateOfRoute, routeBox } from './boxes.js'
import { byId, keep, make, makeSvg, part, setText } from './elements.js'
import { duration, printable, rate, whole } from './words.js'

/** @import { PageStatus } from '../status.ts' */
/** @import { Rates } from './rates.js' */

/** @typedef {{ from: string, to: string, perSecond: number, isLost: boolean }} Band */

const widestBand = 32

/** The way of a line: senders, classes, routes, as boxes with bands between them as wide as their rates. */
export class Flow {
  /** @type {Band[]} */
  #bands = []

  constructor () {
    new ResizeObserver(() => this.#drawBands()).observe(byId('way'))
  }

  /** @param {PageStatus} status @param {Rates} rates */
  draw (status, rates) {
    const { health, metrics, routes, at } = status
    const classes = classesOf(status, rates)
    const senders = health.sources.map(({ name, isOpen, lastReceivedAt }) => ({
      name,
      isOpen,
      lastReceivedAt,
      perSecond: rates.of(`received/${name}`),
      total: health.ledger.received.by[name] ?? 0,
      // None is no series; standard input has no connections.
      connections: name === 'stdin' ? undefined : valueOf(metrics['sluice_connections'], name) ?? 0,
      lagSeconds: valueOf(metrics['sluice_receive_lag_seconds'], name),
    }))
    keep(byId('senders'), senders, ({ name }) => `sender ${name}`, box, (element, { name, isOpen, perSecond, total, connections, lagSeconds, lastReceivedAt }) => {
      const words = [`${whole(total)} received`]
      if (connections !== undefined) words.push(connections === 0 ? 'nobody connected' : `${whole(connections)} connected`)
      if (lagSeconds !== undefined && lagSeconds > 2) words.push(`its lines come ${duration(lagSeconds)} late`)
      const quietSeconds = lastReceivedAt === null ? 0 : (Date.parse(at) - Date.parse(lastReceivedAt)) / 1_000
      if (quietSeconds >= 5) words.push(`the last line came ${duration(quietSeconds)} ago`)
      element.title = lastReceivedAt === null ? '' : `last line ${lastReceivedAt}`
      fill(element, name, rate(perSecond), isOpen ? words.join(', ') : 'not open', isOpen ? '' : 'loses')
    })
    keep(byId('classes'), classes, ({ name }) => `class ${name}`, box, (element, { name, perSecond, total }) => {
      fill(element, name, rate(perSecond), `${whole(total)} ${total === 1 ? 'line' : 'lines'}`, '')
    })
    drawBranches(status, rates)
    keep(byId('routes'), routes, ({ name }) => `route ${name}`, routeBox, (element, route) => drawRoute(element, route, status, rates))

    const inSum = senders.reduce((sum, { perSecond }) => sum + perSecond, 0)
    this.#bands = senders.flatMap(sender => classes.map(each => ({
      from: `sender ${sender.name}`,
      to: `class ${each.name}`,
      perSecond: inSum === 0 ? 0 : each.perSecond * sender.perSecond / inSum,
      isLost: false,
    })))
    for (const route of routes) {
      const perSecond = ['delivered', 'rejected', 'dropped'].reduce((sum, term) => sum + rateOfRoute(rates, term, route.name, health), 0)
      const lost = rateOfRoute(rates, 'dropped', route.name, health)
      this.#bands.push({ from: `class ${route.class}`, to: `route ${route.name}`, perSecond, isLost: lost > 0 })
    }
    this.#drawBands()
  }

  #drawBands () {
    const svg = byId('bands')
    const frame = svg.getBoundingClientRect()
    if (frame.width === 0) return
    /** @type {Map<string, DOMRect>} */
    const boxes = new Map()
    for (const element of document.querySelectorAll('.box')) {
      if (element instanceof HTMLElement) boxes.set(element.dataset['key'] ?? '', element.getBoundingClientRect())
    }
    const most = Math.max(1, ...this.#bands.map(({ perSecond }) => perSecond))
    svg.replaceChildren(...this.#bands.flatMap(({ from, to, perSecond, isLost }) => {
      const [left, right] = [boxes.get(from), boxes.get(to)]
      if (left === undefined || right === undefined || perSecond === 0) return []
      const width = Math.max(1.5, widestBand * perSecond / most)
      // On a phone the columns lie below each other.
      const isDown = right.left < left.right
      const [x1, y1] = isDown ? [left.left + left.width / 2, left.bottom] : [left.right, left.top + left.height / 2]
      const [x2, y2] = isDown ? [right.left + right.width / 2, right.top] : [right.left, right.top + right.height / 2]
      const [a, b, c, d] = [x1 - frame.left, y1 - frame.top, x2 - frame.left, y2 - frame.top]
      const curve = isDown
        ? `M${a} ${b}C${a} ${(b + d) / 2} ${c} ${(b + d) / 2} ${c} ${d}`
        : `M${a} ${b}C${(a + c) / 2} ${b} ${(a + c) / 2} ${d} ${c} ${d}`
      return [makeSvg('path', { d: curve, 'stroke-width': width.toFixed(1), class: isLost ? 'lost' : '' })]
    }))
  }
}

/** @param {PageStatus['metrics'][string] | undefined} all @param {string} source */
function valueOf (all, source) {
  const found = all?.find(({ labels }) => labels['source'] === source)
  return found !== undefined && 'value' in found ? found.value : undefined
}

/** @param {PageStatus} status @param {Rates} rates */
function classesOf ({ routes, metrics }, rates) {
  const names = [...new Set(routes.map(route => route.class))].filter(each => each !== '')
  const sumOf = (/** @type {string} */ name, /** @type {(labels: Readonly<Record<string, string>>) => boolean} */ isOf) => {
    const series = (metrics[name] ?? []).filter(({ labels }) => isOf(labels))
    return {
      perSecond: series.reduce((sum, one) => sum + rates.ofSeries(name, one), 0),
      total: series.reduce((sum, one) => sum + ('value' in one ? one.value : 0), 0),
    }
  }
  const invalid = sumOf('sluice_invalid_total', () => true)
  return names.map(name => {
    if (name === 'invalid') return { name, ...invalid }
    const { perSecond, total } = sumOf('sluice_classified_total', labels => labels['class'] === name)
    // What cannot be repaired was classified as an access line.
    return name === 'access'
      ? { name, perSecond: Math.max(0, perSecond - invalid.perSecond), total: total - invalid.total }
      : { name, perSecond, total }
  })
}

/** What leaves the band on the way, or is changed. @param {PageStatus} status @param {Rates} rates */
function drawBranches ({ health: { ledger }, metrics }, rates) {
  /** @type {{ words: string, count: number, perSecond: number }[]} */
  const branches = []
  for (const [rule, count] of Object.entries(ledger.filtered.by)) branches.push({ words: `left out by ${rule}`, count, perSecond: rates.of(`filtered/${rule}`) })
  for (const [kind, count] of Object.entries(ledger.joined.by)) branches.push({ words: `joined: ${kind}`, count, perSecond: rates.of(`joined/${kind}`) })
  for (const [name, verb] of [['sluice_repaired_total', 'repaired'], ['sluice_redacted_total', 'redacted'], ['sluice_invalid_total', 'not to be repaired']]) {
    for (const series of metrics[name ?? ''] ?? []) {
      if ('value' in series) branches.push({ words: `${verb}: ${Object.values(series.labels).map(printable).join(' of ')}`, count: series.value, perSecond: rates.ofSeries(name ?? '', series) })
    }
  }
  const list = byId('classes')
  const parent = list.parentElement?.querySelector('.branches') ?? list.insertAdjacentElement('afterend', make('ul', 'branches'))
  if (parent === null) return
  keep(parent, branches, ({ words }) => words, ({ words }) => make('li', 'branch', make('span', '', words), make('span', 'number')), (element, { count, perSecond }) => {
    setText(part(element, '.number'), perSecond > 0 ? `${whole(count)}, ${rate(perSecond)}` : whole(count))
  })
}
