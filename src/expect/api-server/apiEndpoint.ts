import type { Container } from '../../model/kubernetes.ts';
import type { AgentSettings } from '../agent/AgentSettings.ts';

/** How a container that speaks to the API server finds it. */
export type ApiEndpoint =
  | { readonly kind: 'set'; readonly host: string; readonly port: string | undefined }
  /** Taken from a ConfigMap or Secret that is not read here. */
  | { readonly kind: 'reference'; readonly from: string }
  /** By URLs or a kubeconfig of its own, so its environment does not matter. */
  | { readonly kind: 'configured' }
  /** Nothing is set, so the kubelet injects the ClusterIP of the Service default/kubernetes. */
  | { readonly kind: 'injected' };

const hasOwnWay = ({ apiServerUrls, apiServer, kubeconfigPath }: AgentSettings): boolean =>
  [apiServerUrls, apiServer, kubeconfigPath].some(({ value }) => value !== '');

/**
 * Options of the agent and of its init container that make it leave KUBERNETES_SERVICE_HOST alone (cilium:
 * pkg/k8s/client/config.go).
 */
const ownWays = ['k8s-api-server-urls', 'k8s-api-server', 'k8s-kubeconfig-path'];

const isOwnWay = (word: string): boolean =>
  ownWays.some((option) => word.startsWith(`--${option}=`) && word.length > option.length + 3);

/** @param settings of cilium-config, which agents and operator read; undefined: not known */
export function apiEndpointOf(container: Container, settings: AgentSettings | undefined): ApiEndpoint {
  const words = [...(container.command ?? []), ...(container.args ?? [])];
  if ((settings && hasOwnWay(settings)) || words.some((word) => isOwnWay(word))) return { kind: 'configured' };
  // Of several variables with one name the last one counts.
  const host = container.env?.findLast(({ name }) => name === 'KUBERNETES_SERVICE_HOST');
  const port = container.env?.findLast(({ name }) => name === 'KUBERNETES_SERVICE_PORT');
  if (host?.valueFrom !== undefined) {
    const ref = host.valueFrom.configMapKeyRef;
    return {
      kind: 'reference',
      from: ref === undefined ? 'a reference' : `key ${ref.key} of ConfigMap ${ref.name ?? ''}`,
    };
  }
  if (host !== undefined)
    return { kind: 'set', host: host.value ?? '', port: port?.valueFrom === undefined ? port?.value : undefined };
  const from = container.envFrom?.find(
    ({ configMapRef, prefix }) => configMapRef !== undefined && (prefix ?? '') === '',
  );
  if (from !== undefined) return { kind: 'reference', from: `ConfigMap ${from.configMapRef?.name ?? ''}` };
  return { kind: 'injected' };
}

/** What is wrong with the value itself, whoever answers there; undefined: it can be an endpoint. */
export type Malformation = 'scheme' | 'portInHost' | 'whitespace' | 'emptyHost' | 'auto' | 'brackets' | 'path' | 'port';

export function malformationOf(host: string, port: string | undefined): Malformation | undefined {
  if (/\s/.test(host)) return 'whitespace';
  if (host === '') return 'emptyHost';
  if (host.includes('://')) return 'scheme';
  if (host === 'auto') return 'auto';
  if (host.includes('/')) return 'path';
  if (/^\[.*\]/.test(host)) return 'brackets';
  // One colon separates a port; IPv6 addresses have at least two.
  if (/^[^:]+:\d*$/.test(host)) return 'portInHost';
  if (port !== undefined && (!/^\d{1,5}$/.test(port) || Number(port) < 1 || Number(port) > 65_535)) return 'port';
  return undefined;
}

export const isMalformed = ({ host, port }: { readonly host: string; readonly port?: string | undefined }): boolean =>
  malformationOf(host, port) !== undefined;

/** An IP address; everything else has to be resolved. */
export const isAddress = (host: string): boolean => /^[\d.]+$/.test(host) || host.includes(':');

/** Whether a host stands for the Service default/kubernetes itself, which needs a service proxy to be reached. */
export const isKubernetesService = (host: string, clusterIPs: readonly string[]): boolean =>
  clusterIPs.includes(host) || /^kubernetes(\.default(\.svc(\..+)?)?)?$/.test(host);

/** e.g. `10.0.0.1:6443`, `[fd00::1]:6443` */
export const hostPort = (host: string, port: string | undefined): string =>
  `${host.includes(':') ? `[${host}]` : host}${port === undefined || port === '' ? '' : `:${port}`}`;
