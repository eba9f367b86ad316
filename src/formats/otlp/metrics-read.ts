import { isoFromMicros } from '../../../schema/time.ts'
import {
  type Buckets,
  type Exemplar,
  type MetricType,
  type Temporality,
  temporalities,
} from '../../../schema/values.ts'
import { Micros, microsOrNull } from '../../rows/micros.ts'
import type { MetricPointRecord, NewMetric } from '../../rows/records.ts'
import { stableJson } from '../../text/stable-json.ts'
import { ContentIds, contentId } from '../content-id.ts'
import type { ReadResult } from '../read-result.ts'
import { absent, optionalList, requiredObject, requiredText, ShapeError, type Unknowns } from '../shape-error.ts'
import { camelCaseMembers } from './camel-case-members.ts'
import { spansOfPoints } from './derived/metric-spans.ts'
import { readCount, readEnum, readId, readText, readTime, spanIdBytes, traceIdBytes } from './fields.ts'
import { readBuckets, readExponentialBuckets } from './metrics-buckets.ts'
import { originColumn } from './origin-column.ts'
import { readAttributes } from './read-value.ts'
import type { Origin } from './span-record.ts'
import { TypeNotes } from './type-notes.ts'
import { collect, forEach, walkOtlp } from './walk.ts'

const signal = {
  top: 'resourceMetrics',
  scoped: 'scopeMetrics',
  items: 'metrics',
  old: ['instrumentationLibraryMetrics', 'metrics'],
} as const

/** The members of a metric that hold its points, by shape. */
const shapes = {
  gauge: 'gauge',
  sum: 'counter',
  histogram: 'histogram',
  exponentialHistogram: 'histogram',
  summary: 'summary',
} as const satisfies Record<string, MetricType>

type Shape = keyof typeof shapes

/**
 * The records of one OTLP/JSON `ExportMetricsServiceRequest` (`{ "resourceMetrics": […] }`): what each metric means, and
 * its points.
 *
 * @param document the parsed JSON
 * @param ids of the source that the document is part of
 */
export function readOtlpMetrics(document: unknown, ids = new ContentIds()): ReadResult {
  const read = walkOtlp(document, signal, (result) => (metric, origin, notes, path) => {
    const name = requiredText(metric.name, 'name')
    const shape = (Object.keys(shapes) as Shape[]).find((each) => !absent(metric[each]))
    if (shape === undefined) throw new ShapeError('', `has none of ${Object.keys(shapes).join(', ')}`)
    const data = camelCaseMembers(requiredObject(metric[shape], shape))
    const temporality = temporalityOf(data, notes)
    const isMonotonic = shape === 'sum' ? data.isMonotonic === true : null
    const originTypes = notes.types
    const described = readMetric(metric, name, origin, { type: shapes[shape], temporality, isMonotonic }, notes)
    result.metrics.push(described)
    forEach(result, data.dataPoints, `${path}.${shape}.dataPoints`, (each, pointPath) => {
      const pointNotes = new TypeNotes()
      pointNotes.addAll(originTypes)
      const point = readPoint(camelCaseMembers(requiredObject(each, '')), shape, origin, pointNotes)
      collect(result, pointNotes, pointPath)
      const content = { metricName: name, type: shapes[shape], temporality, isMonotonic, ...point }
      // The id is that of the measurement, whatever its metric is described as.
      result.metricPoints.push({ pointId: ids.idOf(content), descriptionId: described.descriptionId, ...content })
    })
  })
  const derived = spansOfPoints(read.metricPoints)
  if (derived.length > 0) read.derived = derived
  return read
}

function temporalityOf(data: Unknowns, notes: TypeNotes): Temporality | null {
  const number = readEnum(data, 'aggregationTemporality', 'AGGREGATION_TEMPORALITY_', temporalities, notes)
  return number === 0 ? null : (temporalities[number] ?? null)
}

function readMetric(
  metric: Unknowns,
  name: string,
  { resource }: Origin,
  shape: Pick<NewMetric, 'type' | 'temporality' | 'isMonotonic'>,
  ofMetric: TypeNotes,
): NewMetric {
  const notes = new TypeNotes(ofMetric.repairs)
  const metadata = readAttributes(metric.metadata, 'metadata', '/metadata', notes)
  const described = {
    unit: readText(metric, 'unit', notes) || null,
    description: readText(metric, 'description', notes) || null,
    metadata: Object.keys(metadata).length > 0 ? metadata : null,
    attributeTypes: notes.types,
  }
  return {
    name,
    // Of its content: services that say the same share one row, and what one of them says later stands beside it.
    descriptionId: contentId(stableJson([name, shape.type, described])),
    ...shape,
    ...described,
    serviceName: originColumn(resource?.attributes ?? {}, 'serviceName'),
  }
}

function readPoint(
  point: Unknowns,
  shape: Shape,
  { resource, scope }: Origin,
  notes: TypeNotes,
): Omit<MetricPointRecord, 'metricName'> {
  const attributes = readAttributes(point.attributes, 'attributes', '/attributes', notes)
  const time = readTime(point, 'timeUnixNano', notes)
  if (time === 0) notes.add('/time', 'empty')
  const start = readTime(point, 'startTimeUnixNano', notes)
  const exemplars = notes
    .detail('exemplars', [], () => optionalList(point.exemplars, ''))
    .flatMap((each, i) =>
      notes.detail<Exemplar[]>(`exemplars[${i}]`, [], () => [
        readExemplar(camelCaseMembers(requiredObject(each, '')), `/exemplars/${i}`, notes),
      ]),
    )
  const described = resource?.attributes ?? {}
  const measured = shape === 'gauge' || shape === 'sum' ? readNumber(point, notes) : readCounted(point, shape, notes)
  return {
    time: new Micros(time),
    startTime: microsOrNull(start || null),
    ...measured,
    exemplars: exemplars.length > 0 ? exemplars : null,
    flags: readCount(point, 'flags', notes) || null,
    serviceName: originColumn(described, 'serviceName'),
    environment: originColumn(described, 'environment'),
    attributes,
    attributeTypes: notes.types,
    resource,
    scope,
  }
}

/** The number of a point or an exemplar, with notes on what JSON cannot hold. */
function readValue(holder: Unknowns, pointer: string, notes: TypeNotes): number | string | null {
  const { asInt, asDouble } = holder
  if (absent(asInt) && absent(asDouble)) return null
  const value = absent(asInt) ? { doubleValue: asDouble } : { intValue: asInt }
  return (readAttributes([{ key: 'value', value }], 'value', pointer, notes).value ?? null) as number | string | null
}

function readNumber(point: Unknowns, notes: TypeNotes): Pick<MetricPointRecord, 'value' | 'exactValue'> {
  const value = readValue(point, '', notes)
  return typeof value === 'string' ? { value: Number(value), exactValue: value } : { value }
}

/** A double of a histogram or summary; only NaN and the infinities are noted. */
function readDouble(holder: Unknowns, member: string, pointer: string, notes: TypeNotes): number | null {
  if (absent(holder[member])) return null
  const own = new TypeNotes()
  const read = readAttributes([{ key: member, value: { doubleValue: holder[member] } }], member, pointer, own)
  const type = own.types?.[`${pointer}/${member}`]
  if (type !== undefined && type !== 'double') notes.add(`${pointer}/${member}`, type)
  for (const { reason } of own.repairs) notes.repair(member, reason)
  return (read[member] ?? null) as number | null
}

function readCounted(point: Unknowns, shape: Shape, notes: TypeNotes): Partial<MetricPointRecord> {
  const measured = {
    count: readCount(point, 'count', notes),
    sum: readDouble(point, 'sum', '', notes),
    min: readDouble(point, 'min', '', notes),
    max: readDouble(point, 'max', '', notes),
  }
  const buckets = (read: (point: Unknowns, count: number) => Buckets | null) =>
    notes.detail('', null, () => read(point, measured.count))
  if (shape === 'histogram') return { ...measured, buckets: buckets(readBuckets) }
  if (shape === 'exponentialHistogram') return { ...measured, buckets: buckets(readExponentialBuckets) }
  const listed = notes.detail('quantileValues', [], () => optionalList(point.quantileValues, ''))
  const quantiles = listed.map((each, i) => {
    const given = camelCaseMembers(notes.detail(`quantileValues[${i}]`, {}, () => requiredObject(each, '')))
    const pointer = `/quantiles/${i}`
    const value = absent(given.value) ? 0 : readDouble(given, 'value', pointer, notes)
    return { quantile: readDouble(given, 'quantile', pointer, notes) ?? 0, value }
  })
  // A summary's sum is never absent in protobuf: zero is left out of JSON.
  return {
    ...measured,
    sum: measured.sum ?? (absent(point.sum) ? 0 : null),
    quantiles: quantiles.length > 0 ? quantiles : null,
  }
}

function readExemplar(exemplar: Unknowns, pointer: string, notes: TypeNotes): Exemplar {
  const attributes = readAttributes(exemplar.filteredAttributes, 'filteredAttributes', `${pointer}/attributes`, notes)
  const traceId = readId(exemplar, 'traceId', traceIdBytes, notes)
  const spanId = readId(exemplar, 'spanId', spanIdBytes, notes)
  return {
    time: isoFromMicros(readTime(exemplar, 'timeUnixNano', notes)),
    value: readValue(exemplar, pointer, notes),
    ...(traceId && { traceId }),
    ...(spanId && { spanId }),
    ...(Object.keys(attributes).length > 0 && { attributes }),
  }
}
