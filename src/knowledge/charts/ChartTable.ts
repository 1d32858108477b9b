import type { TemplateNode } from './TemplateNode.ts';

/**
 * What is known of the chart of one branch of Cilium. Made from the chart itself by `npm run charts`: what decides
 * whether values are taken, and what becomes of them.
 */
export interface ChartTable {
  /** The release whose chart it is. */
  readonly version: string;
  /** The names of its values. */
  readonly keys: KeyTree;
  /** By a key that its values.yaml calls deprecated, what to use instead. */
  readonly deprecated: Readonly<Record<string, string>>;
  /** By an option of the agent in cilium-config, the value that it is made of. */
  readonly options: Readonly<Record<string, string>>;
  /** Those of its values.yaml. */
  readonly values: ChartValues;
  /** values.schema.json */
  readonly schema: ValueSchema;
  /** By file, what of a template refuses values; of the agents’ ConfigMap all that says an option. */
  readonly files: Readonly<Record<string, readonly TemplateNode[]>>;
  /** The templates that those include, by their name. */
  readonly defined: Readonly<Record<string, readonly TemplateNode[]>>;
}

/** `true`: the end of a path, or a value below which all names are the user’s own. */
export interface KeyTree {
  readonly [key: string]: KeyTree | true;
}

export type ChartValue = null | boolean | number | string | readonly ChartValue[] | ChartValues;
export interface ChartValues {
  readonly [key: string]: ChartValue;
}

/** The part of JSON Schema that the charts use. */
export interface ValueSchema {
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, ValueSchema>>;
  readonly items?: ValueSchema;
  readonly anyOf?: readonly ValueSchema[];
  readonly oneOf?: readonly ValueSchema[];
  readonly enum?: readonly ChartValue[];
  readonly minimum?: number;
  readonly maximum?: number;
}

/** By the key of a value, the last branch whose chart had it. */
export type FormerKeys = Readonly<Record<string, string>>;
