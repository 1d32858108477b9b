import type { CiliumLocalRedirectPolicy, RedirectPort, Service } from '../../src/model/kubernetes.ts';
import { canonicalAddress } from '../../src/model/lb/address.ts';

/** The Service whose address and port a policy names. */
export function ownerOf(
  ip: string,
  { port, protocol = 'TCP' }: RedirectPort,
  services: readonly Service[],
): Service | undefined {
  const address = canonicalAddress(ip);
  return services.find(({ spec, status }) => {
    const held = [
      ...(spec?.clusterIPs ?? [spec?.clusterIP ?? '']),
      ...(spec?.externalIPs ?? []),
      ...(status?.loadBalancer?.ingress ?? []).map((one) => one.ip ?? ''),
    ];
    return (
      held.some((one) => one !== '' && canonicalAddress(one) === address) &&
      (spec?.ports ?? []).some((one) => String(one.port) === port && (one.protocol ?? 'TCP') === protocol.toUpperCase())
    );
  });
}

/** What to write instead of the address. */
export const matcherOf = (services: readonly Service[]) => ({
  matcher:
    services[0] === undefined
      ? ''
      : `{serviceName: ${services[0].metadata.name}, namespace: ${services[0].metadata.namespace}}`,
});

/** Whether one port of the Service is redirected at all: by number, and where there are several, by name. */
export function portsThatMeet({ spec }: CiliumLocalRedirectPolicy, service: Service) {
  const named = spec?.redirectFrontend?.serviceMatcher?.toPorts ?? [];
  const backends = spec?.redirectBackend?.toPorts ?? [];
  const ports = service.spec?.ports ?? [];
  const names = new Set(backends.map(({ name }) => (name ?? '').toLowerCase()));
  const met = ports.some(
    ({ port, protocol = 'TCP', name = '' }) =>
      (named.length === 0 || named.some((one) => one.port === String(port) && (one.protocol ?? 'TCP') === protocol)) &&
      (backends.length <= 1 || names.has(name.toLowerCase())),
  );
  return { met, asked: list(named.length > 0 ? named : backends), has: list(ports) };
}

interface NamedPort {
  readonly name?: string;
  readonly port: string | number;
  readonly protocol?: string;
}

const list = (all: readonly NamedPort[]): string =>
  all.map(({ name, port, protocol = 'TCP' }) => `${name ?? ''} ${port}/${protocol}`.trim()).join(', ');
