import type { Cause } from '../../../src/core/Problem.ts';

/** No agent comes up, or none can learn about Services, without the API server. */
export const withoutApi = [
  { code: 'KPR2001', by: 'node' },
  { code: 'KPR2002', by: 'node' },
  { code: 'KPR2004', by: 'node' },
] as const satisfies readonly Cause[];
