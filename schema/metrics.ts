import type { Kit } from './kit/postgres.ts'
import {
  type AttributeTypes,
  type Buckets,
  type Exemplar,
  type JsonObject,
  metricCategories,
  metricTypes,
  type Quantile,
  type Resource,
  type Scope,
  temporalities,
} from './values.ts'

/**
 * One row per metric and description: what its points mean. Sources may give one name another unit or description; which
 * of these a point has is in the point, so that its writer has nothing to resolve.
 */
export const defineMetrics = (k: Kit) =>
  k.table(
    'metrics',
    {
      /** The tenant; comes first in every key. */
      projectId: k.text('project_id').notNull(),
      name: k.text('name').notNull(),
      type: k.enumText('type', metricTypes).notNull(),
      category: k.enumText('category', metricCategories),
      /** As OpenTelemetry writes units (UCUM): ms, By, {call}, 1. */
      unit: k.text('unit'),
      description: k.text('description'),
      lowerIsBetter: k.bool('lower_is_better'),
      /** A counter that only grows. */
      isMonotonic: k.bool('is_monotonic'),
      temporality: k.enumText('temporality', temporalities),
      /** The service that described the metric last. */
      serviceName: k.text('service_name'),
      metadata: k.json<JsonObject>('metadata'),
      attributeTypes: k.json<AttributeTypes>('attribute_types'),
      /** When the writer accepted the row: the higher or equal stamp wins. */
      writtenAt: k.timestamp('written_at').notNull(),
      /** The transaction that stored the row last. */
      commitSeq: k.commitOrder('commit_seq'),
      /** Tells descriptions of one name apart: made of type, unit, description and metadata by OTLP, else empty. */
      descriptionId: k.text('description_id').notNull().default(''),
    },
    (t) => [k.primaryKey({ columns: [t.projectId, t.name, t.descriptionId] })],
  )

/**
 * One row per measurement. The key is the point's own id without the metric's name: before a batch is copied, its keys
 * are looked up, and ids name single rows where a metric's name would name all of its points.
 */
export const defineMetricPoints = (k: Kit) =>
  k.table(
    'metric_points',
    {
      /** The tenant; comes first in every key. */
      projectId: k.text('project_id').notNull(),
      /** The caller's id, else one that is given when the row is accepted. */
      pointId: k.text('point_id').notNull(),
      metricName: k.text('metric_name').notNull(),
      type: k.enumText('type', metricTypes).notNull(),
      time: k.timestamp('time').notNull(),
      /** When the measured span of time began, of counters, histograms and summaries. */
      startTime: k.timestamp('start_time'),
      temporality: k.enumText('temporality', temporalities),
      /** A counter that only grows. */
      isMonotonic: k.bool('is_monotonic'),
      /** The value of a counter or gauge. Null of histograms and summaries, and where nothing was recorded. */
      value: k.real('value'),
      /** The value in decimal where it is an integer that a float does not hold. */
      exactValue: k.text('exact_value'),
      /** How many measurements a histogram or summary has. */
      count: k.bigint('count'),
      sum: k.real('sum'),
      min: k.real('min'),
      max: k.real('max'),
      buckets: k.json<Buckets>('buckets'),
      quantiles: k.json<readonly Quantile[]>('quantiles'),
      exemplars: k.json<readonly Exemplar[]>('exemplars'),
      /** OTLP's data point flags; 1 says that nothing was recorded. */
      flags: k.bigint('flags'),
      serviceName: k.text('service_name'),
      environment: k.text('environment'),
      tags: k.json<readonly string[]>('tags'),
      metadata: k.json<JsonObject>('metadata'),
      attributes: k.json<JsonObject>('attributes').notNull(),
      attributeTypes: k.json<AttributeTypes>('attribute_types'),
      /** The document that the point was saved as, where it was saved whole: `{"format":"agentprobe","document":…}`. */
      document: k.text('document'),
      resource: k.json<Resource>('resource'),
      scope: k.json<Scope>('scope'),
      /** When the writer accepted the row: the higher or equal stamp wins. */
      writtenAt: k.timestamp('written_at').notNull(),
      /** The transaction that stored the row last. */
      commitSeq: k.commitOrder('commit_seq'),
      /** The description of the metric that the point was reported with; null where it has none of its own. */
      descriptionId: k.text('description_id'),
    },
    (t) => [
      k.primaryKey({ columns: [t.projectId, t.pointId] }),
      // Every question is about one metric and a range of time: points, series, aggregates, the latest.
      k.index('metric_points_name').on(t.projectId, t.metricName, t.time),
      // `follow`.
      k.index('metric_points_commit_seq').on(t.projectId, t.commitSeq),
    ],
  )
