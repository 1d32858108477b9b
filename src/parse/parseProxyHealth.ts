import type { ProxyHealth } from '../model/NodeFacts.ts';
import { type Parsed, parsed, unparsed } from './Parsed.ts';
import { excerptOf } from './text.ts';

/**
 * The answer of port 10256 to `GET /healthz`, or the word `nobody`. kube-proxy and Cilium both name `lastUpdated` and
 * `currentTime`; kube-proxy names `nodeEligible` too (kubernetes: pkg/proxy/healthcheck/proxy_health.go), but only
 * since it watches its node for that (1.28): an older kube-proxy can't be told from Cilium by its answer.
 */
export function parseProxyHealth(text: string): Parsed<ProxyHealth> {
  const trimmed = text.trim();
  if (trimmed === 'nobody') return parsed({ kind: 'nobody' });
  if (trimmed === '') return unparsed('the connection was taken and closed without an answer');
  const httpStatus = Number(/^HTTP\/\d(?:\.\d)? (\d{3})\b/.exec(trimmed)?.[1]);
  const body = /\r?\n\r?\n([^]*)$/.exec(trimmed)?.[1] ?? '';
  if (Number.isNaN(httpStatus) || !/^\s*\{/.test(body) || !body.includes('"lastUpdated"')) {
    return parsed({ kind: 'other', excerpt: excerptOf(body) || excerptOf(trimmed) });
  }
  return parsed({ kind: body.includes('"nodeEligible"') ? 'kubeProxy' : 'cilium', httpStatus });
}
