import type { ParamsOf, Variant } from '../Problem.ts';
import { agentProblems } from './agents.ts';
import { apiEndpointProblems } from './apiEndpoint.ts';
import { dnsProblems } from './dns.ts';
import { examinationProblems } from './examination.ts';
import { kubeProxyProblems } from './kubeProxy.ts';
import { servicesProblems } from './services.ts';
import { tableProblems } from './tables.ts';

/** Every finding that the program can raise, by its code. A code is never reused and never changes its meaning. */
export const problems = {
  ...agentProblems,
  ...apiEndpointProblems,
  ...kubeProxyProblems,
  ...tableProblems,
  ...servicesProblems,
  ...dnsProblems,
  ...examinationProblems,
};

export type Code = keyof typeof problems;
export type VariantName<C extends Code> = keyof (typeof problems)[C]['variants'] & string;
/** The params that a finding of this code and variant needs, by the placeholders of its texts. */
export type FindingParams<C extends Code, V extends VariantName<C>> = ParamsOf<
  (typeof problems)[C]['variants'][V] extends infer X extends Variant ? X : never
>;
