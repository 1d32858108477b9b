import type { ProxyHealth } from '../model/NodeFacts.ts';
import { readJson } from './json.ts';
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
  // Whoever answers otherwise sends a line of his own, as SSH does; `nobody` that was cut is neither.
  if (Number.isNaN(httpStatus) && !text.endsWith('\n')) return unparsed(`neither HTTP nor a line: ${excerptOf(text)}`);
  const body = /\r?\n\r?\n([^]*)$/.exec(trimmed)?.[1] ?? '';
  if (/^\s*\{/.test(body) && !readJson(body).ok) return unparsed(`its JSON was cut: ${excerptOf(body)}`);
  if (Number.isNaN(httpStatus) || !/^\s*\{/.test(body) || !body.includes('"lastUpdated"')) {
    return parsed({ kind: 'other', excerpt: excerptOf(body) || excerptOf(trimmed) });
  }
  return parsed({ kind: body.includes('"nodeEligible"') ? 'kubeProxy' : 'cilium', httpStatus });
}
