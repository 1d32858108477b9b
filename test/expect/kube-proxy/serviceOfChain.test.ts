import { describe, expect, test } from 'vitest';
import { chainHash } from '../../../src/expect/kube-proxy/kubeProxyChains.ts';
import { ChainServices, nftChainName } from '../../../src/expect/kube-proxy/serviceOfChain.ts';
import { parseIptablesSave } from '../../../src/parse/parseIptablesSave.ts';
import { aService, aSlice } from '../../support/healthy.ts';
import { proxyText, shopObjects } from '../../support/proxyRecordings.ts';

const shop = shopObjects();
const names = new ChainServices(shop.services, shop.endpointSlices);

describe('recorded of kube-proxy 1.36, with the objects of that moment', () => {
  test.each(['n1', 'n2'])('iptables on %s: every chain of a Service is of one that is there', (node) => {
    const save = parseIptablesSave(proxyText(`shop/${node}/iptables-save.txt`));
    const chains = (save.ok ? save.value.tables : []).flatMap((table) => table.chains);
    const found = chains.flatMap(({ name }) => names.ofIptables(name) ?? []);
    expect(found.length).toBeGreaterThan(40);
    expect(found.filter(({ kind }) => kind === 'stale')).toEqual([]);
    // What the comments say is what the hashes say.
    for (const { name, rules } of chains) {
      const of = names.ofIptables(name);
      const target = rules.find((rule) => rule.target === 'DNAT');
      if (target === undefined) continue;
      expect(of?.endpoint).toBe(/ --to-destination (\S+)/.exec(target.line)?.[1]);
      expect(target.comment).toBe(
        `${of?.port?.namespace}/${of?.port?.name}${of?.port?.port === '' ? '' : `:${of?.port?.port}`}`,
      );
    }
  });

  test('nftables: every chain with a hash says whose it is, and that one is there', () => {
    const { nftables } = JSON.parse(proxyText('shop/n1/nft.json')) as { nftables: { chain?: { name: string } }[] };
    const chains = nftables.flatMap(({ chain }) => chain?.name ?? []);
    const hashed = chains.filter((name) => /-[A-Z2-7]{8}-/.test(name));
    expect(hashed.length).toBeGreaterThan(40);
    expect(hashed.filter((name) => names.ofNftables(name)?.kind !== 'live')).toEqual([]);
    expect(chains.filter((name) => !hashed.includes(name)).flatMap((name) => names.ofNftables(name) ?? [])).toEqual([]);
  });
});

const web = { namespace: 'default', name: 'web', port: 'http', protocol: 'TCP' };
const own = new ChainServices(
  [aService('web', { ports: [{ name: 'http', port: 80, protocol: 'TCP' }] })],
  [
    aSlice('web', ['10.0.0.1'], { ports: [{ name: 'http', port: 8080, protocol: 'TCP' }] }),
    aSlice('web', ['fd00:0::1'], { addressType: 'IPv6', ports: [{ name: 'http', port: 8080, protocol: 'TCP' }] }),
    aSlice('web', ['10.0.0.9'], { ports: [{ name: 'other', port: 8080, protocol: 'TCP' }] }),
  ],
);

describe('of iptables', () => {
  test.each(['SVC', 'SVL', 'EXT', 'FW', 'XLB'])('KUBE-%s of a Service that is there', (prefix) => {
    expect(own.ofIptables(`KUBE-${prefix}-${chainHash(web)}`)).toEqual({
      kind: 'live',
      port: web,
      endpoint: undefined,
    });
  });

  test.each(['10.0.0.1:8080', '[fd00::1]:8080'])('the chain of the endpoint %s', (endpoint) => {
    expect(own.ofIptables(`KUBE-SEP-${chainHash(web, endpoint)}`)).toEqual({ kind: 'live', port: web, endpoint });
  });

  test.each([
    ['another Service', `KUBE-SVC-${chainHash({ ...web, name: 'gone' })}`],
    ['another port', `KUBE-SVC-${chainHash({ ...web, port: '' })}`],
    ['another protocol', `KUBE-SVC-${chainHash({ ...web, protocol: 'UDP' })}`],
    ['an endpoint that is gone', `KUBE-SEP-${chainHash(web, '10.0.0.2:8080')}`],
    ['an endpoint of another port', `KUBE-SEP-${chainHash(web, '10.0.0.9:8080')}`],
    ['a Service’s hash as an endpoint’s', `KUBE-SEP-${chainHash(web)}`],
    ['an endpoint’s hash as a Service’s', `KUBE-SVC-${chainHash(web, '10.0.0.1:8080')}`],
  ])('stale: %s', (_, chain) => {
    expect(own.ofIptables(chain)).toEqual({ kind: 'stale', port: undefined, endpoint: undefined });
  });

  test.each(['KUBE-SERVICES', `KUBE-POD-FW-${chainHash(web)}`, `KUBE-SVC-${chainHash(web).slice(1)}`, ''])(
    'none of one Service: %s',
    (chain) => {
      expect(own.ofIptables(chain)).toBeUndefined();
    },
  );
});

describe('of nftables', () => {
  test.each([
    ['service-ULMVA6XW-ns1/svc1/tcp/p80', { namespace: 'ns1', name: 'svc1', port: 'p80', protocol: 'TCP' }, undefined],
    [
      'affinity-5OJB2KTY-ns1/svc1/tcp/p80__10.180.0.1/80',
      { namespace: 'ns1', name: 'svc1', port: 'p80', protocol: 'TCP' },
      '10.180.0.1:80',
    ],
  ])('%s', (chain, port, endpoint) => {
    expect(nftChainName(chain)).toEqual({ port, endpoint });
    expect(own.ofNftables(chain)).toEqual({ kind: 'stale', port, endpoint });
  });

  test.each([
    'service-ULMVA6XX-ns1/svc1/tcp/p80',
    'service-ULMVA6XW-ns1/svc1/udp/p80',
    'services',
    'endpoint-ULMVA6XW-ns1/svc1/tcp/p80',
    'service-5OJB2KTY-ns1/svc1/tcp/p80__10.180.0.1/80',
    'my-ULMVA6XW-ns1/svc1/tcp/p80',
    '',
  ])('no name of one Service: %s', (chain) => {
    expect(nftChainName(chain)).toBeUndefined();
  });
});
