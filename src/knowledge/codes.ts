/** The order of areas is the order of causes: what stands further up explains what stands below. */
export const areas = [
  'agents',
  'apiEndpoint',
  'kubeProxy',
  'tables',
  'services',
  'dns',
  'configuration',
  'change',
  'examination',
] as const;
export type Area = (typeof areas)[number];

/**
 * `taken`: a problem describes it and a check raises it. `reserved`: what it will mean is settled, and nothing else may
 * take it. `retired`: it was found by an earlier version; never to be used again.
 */
export type CodeEntry =
  | { readonly area: Area; readonly state: 'taken' }
  | { readonly area: Area; readonly state: 'reserved' | 'retired'; readonly title: string };

/** Every code that there is or will be. A code is used once and never changes its meaning. */
export const codes = {
  KPR1001: { area: 'agents', state: 'taken' },
  KPR1002: { area: 'agents', state: 'taken' },
  KPR1003: { area: 'agents', state: 'taken' },
  KPR1004: { area: 'agents', state: 'taken' },
  KPR1005: { area: 'agents', state: 'taken' },
  KPR1006: { area: 'agents', state: 'taken' },
  KPR1007: { area: 'agents', state: 'taken' },
  KPR1008: { area: 'agents', state: 'taken' },
  KPR1009: { area: 'agents', state: 'taken' },
  KPR1010: { area: 'agents', state: 'taken' },
  KPR1011: { area: 'agents', state: 'taken' },
  KPR1012: { area: 'agents', state: 'taken' },
  KPR1013: {
    area: 'agents',
    state: 'reserved',
    title: 'The kernel or the host lacks what the datapath needs, or works against it',
  },
  KPR1014: { area: 'agents', state: 'taken' },
  KPR1015: { area: 'agents', state: 'taken' },
  KPR1016: { area: 'agents', state: 'taken' },
  KPR1017: { area: 'agents', state: 'taken' },
  KPR1018: { area: 'agents', state: 'taken' },
  KPR1019: { area: 'agents', state: 'taken' },
  KPR1020: { area: 'agents', state: 'taken' },
  KPR2001: { area: 'apiEndpoint', state: 'taken' },
  KPR2002: { area: 'apiEndpoint', state: 'taken' },
  KPR2003: { area: 'apiEndpoint', state: 'taken' },
  KPR2004: { area: 'apiEndpoint', state: 'taken' },
  KPR2005: { area: 'apiEndpoint', state: 'taken' },
  KPR2006: { area: 'apiEndpoint', state: 'taken' },
  KPR3001: { area: 'kubeProxy', state: 'taken' },
  KPR3002: { area: 'kubeProxy', state: 'taken' },
  KPR3003: { area: 'kubeProxy', state: 'taken' },
  KPR3004: { area: 'kubeProxy', state: 'taken' },
  KPR3005: { area: 'kubeProxy', state: 'taken' },
  KPR3006: { area: 'kubeProxy', state: 'taken' },
  KPR3007: { area: 'kubeProxy', state: 'taken' },
  KPR3008: { area: 'kubeProxy', state: 'taken' },
  KPR3009: { area: 'kubeProxy', state: 'taken' },
  KPR4001: { area: 'tables', state: 'taken' },
  KPR4002: { area: 'tables', state: 'taken' },
  KPR4003: { area: 'tables', state: 'taken' },
  KPR4004: { area: 'tables', state: 'taken' },
  KPR4005: { area: 'tables', state: 'taken' },
  KPR4006: { area: 'tables', state: 'taken' },
  KPR4007: { area: 'tables', state: 'taken' },
  KPR4008: {
    area: 'tables',
    state: 'reserved',
    title: 'The layer that lost a row (part of the messages of KPR4001 to KPR4006)',
  },
  KPR4009: { area: 'tables', state: 'taken' },
  KPR4010: { area: 'tables', state: 'taken' },
  KPR5001: { area: 'services', state: 'taken' },
  KPR5002: { area: 'services', state: 'taken' },
  KPR5003: { area: 'services', state: 'taken' },
  KPR5004: { area: 'services', state: 'taken' },
  KPR5005: { area: 'services', state: 'taken' },
  KPR5006: { area: 'services', state: 'taken' },
  KPR5007: { area: 'services', state: 'taken' },
  KPR5008: { area: 'services', state: 'taken' },
  KPR5009: { area: 'services', state: 'taken' },
  KPR5010: { area: 'services', state: 'taken' },
  KPR5011: { area: 'services', state: 'taken' },
  KPR5012: { area: 'services', state: 'taken' },
  KPR5013: { area: 'services', state: 'taken' },
  KPR5014: { area: 'services', state: 'taken' },
  KPR6001: { area: 'dns', state: 'taken' },
  KPR6002: { area: 'dns', state: 'taken' },
  KPR6003: { area: 'dns', state: 'taken' },
  KPR6004: { area: 'dns', state: 'taken' },
  KPR7001: { area: 'configuration', state: 'taken' },
  KPR7002: { area: 'configuration', state: 'taken' },
  KPR7003: { area: 'configuration', state: 'taken' },
  KPR7004: { area: 'configuration', state: 'taken' },
  KPR7005: { area: 'configuration', state: 'taken' },
  KPR7006: { area: 'configuration', state: 'taken' },
  KPR7007: { area: 'configuration', state: 'taken' },
  KPR7008: { area: 'configuration', state: 'taken' },
  KPR8001: { area: 'change', state: 'taken' },
  KPR8002: { area: 'change', state: 'taken' },
  KPR8003: { area: 'change', state: 'taken' },
  KPR8004: { area: 'change', state: 'taken' },
  KPR8005: { area: 'change', state: 'taken' },
  KPR8006: { area: 'change', state: 'taken' },
  KPR8007: { area: 'change', state: 'taken' },
  KPR9001: { area: 'examination', state: 'taken' },
  KPR9002: { area: 'examination', state: 'taken' },
  KPR9003: { area: 'examination', state: 'taken' },
  KPR9004: { area: 'examination', state: 'taken' },
} as const satisfies Readonly<Record<string, CodeEntry>>;

type CodesInState<S extends CodeEntry['state']> = {
  [C in keyof typeof codes]: (typeof codes)[C] extends { readonly state: S } ? C : never;
}[keyof typeof codes];

/** A code that a finding may have. */
export type Code = CodesInState<'taken'>;
