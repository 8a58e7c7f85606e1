import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { readTemplate, shippedTemplateText } from '../ecs/template-world.ts'

t.test('docs/ecs.md says at what each alarm of the template is raised', async t => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/ecs.md'), 'utf8')
  const rows = [...page.matchAll(/^\| (.*) \| (.*) \| (.*) \|$/gm)].map(([, metrics = '', , alarm = '']) => ({ metrics, alarm }))
  const alarms = Object.values(readTemplate(shippedTemplateText()).Resources)
    .filter(({ Type }) => Type === 'AWS::CloudWatch::Alarm').map(({ Properties }) => Properties as Record<string, unknown>)
  t.ok(alarms.length > 5, String(alarms.length))
  for (const { MetricName, Metrics, Threshold, EvaluationPeriods } of alarms) {
    const metric = String(MetricName ?? (Metrics as { MetricStat?: { Metric: { MetricName: string } } }[])
      .find(({ MetricStat }) => MetricStat !== undefined)?.MetricStat?.Metric.MetricName)
    const words = rows.filter(({ metrics }) => metrics.includes(`\`${metric}\``)).map(({ alarm }) => alarm).join()
    t.match(words, new RegExp(String.raw`\b${String(Threshold)}\b`), `${metric}: ${String(Threshold)}`)
    if (Number(EvaluationPeriods) > 1) t.match(words, `${String(EvaluationPeriods)} minutes`, `${metric}: for how long`)
  }
})
