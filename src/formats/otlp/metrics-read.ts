import { isoFromMicros } from '../../../schema/time.ts'
import {
  type AttributeTypes,
  type Exemplar,
  type MetricType,
  type Temporality,
  temporalities,
} from '../../../schema/values.ts'
import { Micros, microsOrNull } from '../../rows/micros.ts'
import type { MetricPointRecord, NewMetric } from '../../rows/records.ts'
import { ContentIds } from '../content-id.ts'
import type { ReadResult } from '../read-result.ts'
import {
  absent,
  optionalCount,
  optionalList,
  optionalText,
  readItems,
  requiredObject,
  requiredText,
  ShapeError,
  type Unknowns,
} from '../shape-error.ts'
import { enumNumber, lowerHex, microsFromNanos } from './fields.ts'
import { readBuckets, readExponentialBuckets } from './metrics-buckets.ts'
import { originColumn } from './origin-column.ts'
import { readAttributes } from './read-value.ts'
import type { Origin } from './span-record.ts'
import { TypeNotes } from './type-notes.ts'
import { forEach, walkOtlp } from './walk.ts'

const signal = { top: 'resourceMetrics', scoped: 'scopeMetrics', items: 'metrics' } as const

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
 */
export function readOtlpMetrics(document: unknown): ReadResult {
  const ids = new ContentIds()
  return walkOtlp(document, signal, (result) => (item, origin, types, path) => {
    const given = requiredObject(item, '')
    const name = requiredText(given.name, 'name')
    const shape = (Object.keys(shapes) as Shape[]).find((each) => !absent(given[each]))
    if (shape === undefined) throw new ShapeError('', `has none of ${Object.keys(shapes).join(', ')}`)
    const data = requiredObject(given[shape], shape)
    const temporality = temporalityOf(data.aggregationTemporality)
    const isMonotonic = shape === 'sum' ? data.isMonotonic === true : null
    result.metrics.push(readMetric(given, name, origin, { type: shapes[shape], temporality, isMonotonic }))
    forEach(result, data.dataPoints, `${path}.${shape}.dataPoints`, (each) => {
      const point = readPoint(requiredObject(each, ''), shape, origin, types)
      const content = { metricName: name, type: shapes[shape], temporality, isMonotonic, ...point }
      result.metricPoints.push({ pointId: ids.idOf(content), ...content })
    })
  })
}

function temporalityOf(value: unknown): Temporality | null {
  const number = enumNumber(value, 'AGGREGATION_TEMPORALITY_', temporalities, 'aggregationTemporality')
  return number === 0 ? null : (temporalities[number] ?? null)
}

function readMetric(
  given: Unknowns,
  name: string,
  { resource }: Origin,
  shape: Pick<NewMetric, 'type' | 'temporality' | 'isMonotonic'>,
): NewMetric {
  const notes = new TypeNotes()
  const metadata = readAttributes(given.metadata, 'metadata', '/metadata', notes)
  return {
    name,
    ...shape,
    unit: optionalText(given.unit, 'unit') || null,
    description: optionalText(given.description, 'description') || null,
    serviceName: originColumn(resource?.attributes ?? {}, 'serviceName'),
    metadata: Object.keys(metadata).length > 0 ? metadata : null,
    attributeTypes: notes.types,
  }
}

function readPoint(
  point: Unknowns,
  shape: Shape,
  { resource, scope }: Origin,
  types: AttributeTypes | null,
): Omit<MetricPointRecord, 'metricName'> {
  const notes = new TypeNotes()
  notes.addAll(types)
  const attributes = readAttributes(point.attributes, 'attributes', '/attributes', notes)
  const time = microsFromNanos(point.timeUnixNano, 'timeUnixNano')
  if (time === 0) notes.add('/time', 'empty')
  const start = microsFromNanos(point.startTimeUnixNano, 'startTimeUnixNano')
  const exemplars = readItems(point.exemplars, 'exemplars', (each, i) => readExemplar(each, `/exemplars/${i}`, notes))
  const described = resource?.attributes ?? {}
  const measured = shape === 'gauge' || shape === 'sum' ? readNumber(point, notes) : readCounted(point, shape, notes)
  return {
    time: new Micros(time),
    startTime: microsOrNull(start || null),
    ...measured,
    exemplars: exemplars.length > 0 ? exemplars : null,
    flags: optionalCount(point.flags, 'flags') || null,
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
  return readAttributes([{ key: 'value', value }], 'value', pointer, notes).value as number | string | null
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
  return read[member] as number | null
}

function readCounted(point: Unknowns, shape: Shape, notes: TypeNotes): Partial<MetricPointRecord> {
  const measured = {
    count: optionalCount(point.count, 'count'),
    sum: readDouble(point, 'sum', '', notes),
    min: readDouble(point, 'min', '', notes),
    max: readDouble(point, 'max', '', notes),
  }
  if (shape === 'histogram') return { ...measured, buckets: readBuckets(point) }
  if (shape === 'exponentialHistogram') return { ...measured, buckets: readExponentialBuckets(point) }
  const quantiles = optionalList(point.quantileValues, 'quantileValues').map((each, i) => {
    const given = requiredObject(each, `quantileValues[${i}]`)
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

function readExemplar(value: unknown, pointer: string, notes: TypeNotes): Exemplar {
  const exemplar = requiredObject(value, '')
  const attributes = readAttributes(exemplar.filteredAttributes, 'filteredAttributes', `${pointer}/attributes`, notes)
  const traceId = lowerHex(optionalText(exemplar.traceId, 'traceId'))
  const spanId = lowerHex(optionalText(exemplar.spanId, 'spanId'))
  return {
    time: isoFromMicros(microsFromNanos(exemplar.timeUnixNano, 'timeUnixNano')),
    value: readValue(exemplar, pointer, notes),
    ...(traceId && { traceId }),
    ...(spanId && { spanId }),
    ...(Object.keys(attributes).length > 0 && { attributes }),
  }
}
