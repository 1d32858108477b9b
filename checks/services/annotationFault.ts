import type { AgentSettings } from '../../src/expect/agent/AgentSettings.ts';
import { isGlobal } from '../../src/expect/lb/globalService.ts';
import { parseSelector } from '../../src/expect/lb/labelSelectors.ts';
import { ciliumMinor } from '../../src/knowledge/ciliumVersion.ts';
import {
  annotationAliases,
  type AnnotationValue,
  mistakenAnnotations,
  type ServiceAnnotation,
  serviceAnnotations,
  servicePrefix,
} from '../../src/knowledge/serviceAnnotations.ts';
import { suggest } from '../../src/text/suggest.ts';

/** What decides whether an annotation counts; undefined: not known. */
export interface AnnotationContext {
  /** Whole keys that an agent says it honours. */
  readonly honoured: ReadonlySet<string> | undefined;
  /** Of the whole cluster. */
  readonly settings: AgentSettings | undefined;
  readonly version: string | undefined;
}

export type AnnotationFault =
  | { readonly kind: 'unknownKey'; readonly hint: string }
  | {
      readonly kind: 'invalidValue';
      readonly otherwise: string;
      readonly valid: string;
      /** The valid value that is likely meant. */
      readonly near: string | undefined;
      readonly exposes: boolean;
    }
  | { readonly kind: 'switchOff'; readonly helm: string }
  | { readonly kind: 'notHonoured' }
  | { readonly kind: 'withoutGlobal' }
  | { readonly kind: 'wrongObject'; readonly right: string }
  /** Whether the switch that it needs is on could not be read. */
  | { readonly kind: 'inconclusive' };

/**
 * What is wrong with one annotation of a Service or EndpointSlice; undefined: nothing, or it is not
 * one of Cilium's for Services.
 */
export function annotationFault(
  on: ServiceAnnotation['on'],
  key: string,
  annotations: Readonly<Record<string, string>>,
  context: AnnotationContext,
): AnnotationFault | undefined {
  const full = annotationAliases[key] ?? key;
  if (!full.startsWith(servicePrefix)) return misspeltAlias(key);
  const name = full.slice(servicePrefix.length);
  const known = Object.hasOwn(serviceAnnotations, name) ? serviceAnnotations[name] : undefined;
  // A newer agent may know more than this program.
  if (known === undefined) return context.honoured?.has(full) ? undefined : { kind: 'unknownKey', hint: hintFor(name) };
  if (known.on !== on) return { kind: 'wrongObject', right: known.on === 'Service' ? 'Services' : 'EndpointSlices' };
  const value = annotations[key] ?? '';
  if (!isValid(known.value, value)) {
    return {
      kind: 'invalidValue',
      otherwise: known.otherwise,
      ...validOf(known.value, value),
      exposes: known.exposes ?? false,
    };
  }
  if (known.needsGlobal && !isGlobal(annotations)) return { kind: 'withoutGlobal' };
  return ineffective(known, full, context);
}

function ineffective(
  { needs, reported, since }: ServiceAnnotation,
  key: string,
  { honoured, settings, version }: AnnotationContext,
): AnnotationFault | undefined {
  if (reported && honoured !== undefined) {
    if (honoured.has(key)) return undefined;
    return needs === undefined ? { kind: 'notHonoured' } : { kind: 'switchOff', helm: needs.helm };
  }
  const minor = ciliumMinor(version);
  if (since !== undefined && minor !== undefined && minor < since) return { kind: 'notHonoured' };
  if (needs === undefined) return undefined;
  if (settings === undefined) return { kind: 'inconclusive' };
  return settings[needs.setting].value === needs.value ? undefined : { kind: 'switchOff', helm: needs.helm };
}

function isValid(allowed: AnnotationValue, value: string): boolean {
  switch (allowed.kind) {
    case 'words':
      return allowed.words.includes(allowed.ignoreCase ? value.toLowerCase() : value);
    case 'selector':
      return parseSelector(value) !== undefined;
    case 'number':
      return /^\d{1,5}$/.test(value) && Number(value) <= 65_535;
    case 'any':
      return true;
    default:
      return allowed satisfies never;
  }
}

function validOf(
  allowed: AnnotationValue,
  value: string,
): { readonly valid: string; readonly near: string | undefined } {
  switch (allowed.kind) {
    case 'words': {
      const words = allowed.words.filter((word) => word !== '');
      return { valid: words.join(', '), near: suggest(value.trim(), words) };
    }
    case 'selector':
      return { valid: 'a label selector as of kubectl -l', near: undefined };
    case 'number':
      return { valid: 'a number from 0 to 65535', near: undefined };
    case 'any':
      return { valid: 'any text', near: undefined };
    default:
      return allowed satisfies never;
  }
}

function hintFor(name: string): string {
  const meant = Object.hasOwn(mistakenAnnotations, name) ? mistakenAnnotations[name] : undefined;
  if (meant !== undefined) return `; what is meant is ${meant}`;
  const near = suggest(name, Object.keys(serviceAnnotations));
  return near === undefined ? '' : `; likely meant is ${servicePrefix}${near}`;
}

/** The old prefix belongs to many things; only what is nearly an alias is a mistake. */
function misspeltAlias(key: string): AnnotationFault | undefined {
  if (!key.startsWith('io.cilium/')) return undefined;
  const alias = suggest(
    key.slice('io.cilium/'.length),
    Object.keys(annotationAliases).map((one) => one.slice('io.cilium/'.length)),
  );
  return alias === undefined ? undefined : { kind: 'unknownKey', hint: `; likely meant is io.cilium/${alias}` };
}
