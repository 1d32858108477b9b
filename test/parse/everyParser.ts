import { readFileSync } from 'node:fs';
import type { AnswerName, RawNode } from '../../src/model/raw.ts';
import { parseIpvs, rowsOfNftables } from '../support/parseTexts.ts';
import type { Parsed } from '../../src/parse/Parsed.ts';
import { parseApiProbe } from '../../src/parse/parseApiProbe.ts';
import { parseCgroupPrograms } from '../../src/parse/parseCgroupPrograms.ts';
import { parseConntrack } from '../../src/parse/parseConntrack.ts';
import { parseDevicePrograms } from '../../src/parse/parseDevicePrograms.ts';
import { parseDnsProbe } from '../../src/parse/parseDnsProbe.ts';
import { parseFrontendStates } from '../../src/parse/parseFrontendStates.ts';
import { parseInterfaces } from '../../src/parse/parseInterfaces.ts';
import { parseIpsetSave } from '../../src/parse/ipset/ipsetSave.ts';
import { parseIpvsadm } from '../support/ipvsadm.ts';
import { parseIpvsProc } from '../../src/parse/ipvs/parseIpvsProc.ts';
import { parseNftRuleset } from '../../src/parse/nft/parseNftRuleset.ts';
import { parseIpsets } from '../../src/parse/parseIpsets.ts';
import { parseIptablesSave } from '../../src/parse/parseIptablesSave.ts';
import { parseKernel } from '../../src/parse/parseKernel.ts';
import { parseDefaultRoutes } from '../../src/parse/parseDefaultRoutes.ts';
import { parseKernelOptions } from '../../src/parse/parseKernelOptions.ts';
import { parseListeners } from '../../src/parse/parseListeners.ts';
import { parseMapFrontends } from '../../src/parse/parseMapFrontends.ts';
import { parseMapSizes } from '../../src/parse/parseMapSizes.ts';
import { parseMetrics } from '../../src/parse/parseMetrics.ts';
import { parseModuleHealth } from '../../src/parse/parseModuleHealth.ts';
import { parseAllNftTables } from '../../src/parse/parseNftTables.ts';
import { parseNodeAddresses } from '../../src/parse/parseNodeAddresses.ts';
import { parseProxyHealth } from '../../src/parse/parseProxyHealth.ts';
import { parseStartedConfig } from '../../src/parse/parseStartedConfig.ts';
import { parseNftFilters } from '../../src/parse/nft/parseNftFilters.ts';
import { parseRouteRules } from '../../src/parse/parseRouteRules.ts';
import { parseRoutes } from '../../src/parse/parseRoutes.ts';
import { parseServersProbe } from '../../src/parse/parseServersProbe.ts';
import { parseSysctls } from '../../src/parse/parseSysctls.ts';
import { parseStatus } from '../../src/parse/parseStatus.ts';
import { recordingOf } from '../support/fuzz/recorded.ts';
import { recorded } from './recorded.ts';

const healthy = 'healthy-1.20';
const clusters = new Map<string, readonly RawNode[]>();
for (const name of [healthy, 'kube-proxy-iptables', 'kube-proxy-nftables'])
  clusters.set(name, (await recordingOf(`test/fixtures/recordings/${name}.kpr`)).nodes);

/** What the nodes of a recorded cluster said. */
function answers(name: AnswerName, cluster = healthy): string[] {
  const texts = (clusters.get(cluster) ?? []).flatMap(({ answers: { [name]: answer } }) =>
    answer !== undefined && 'text' in answer ? [answer.text] : [],
  );
  if (texts.length === 0) throw new Error(`no node of ${cluster} says ${name}`);
  return texts;
}

/** Each parser with something that it understands, to be damaged. */
export const everyParser: readonly (readonly [(text: string) => Parsed<unknown>, ...string[]])[] = [
  [parseStatus, recorded('1.20.1', 'status.json'), recorded('1.20.1', 'status.txt')],
  [parseFrontendStates, recorded('1.20.1', 'db-frontends.txt'), recorded('1.20.1', 'db-frontends.json')],
  [parseModuleHealth, recorded('1.20.1', 'db-health.txt')],
  [parseNodeAddresses, recorded('1.20.1', 'db-node-addresses.txt')],
  [parseMetrics, recorded('1.20.1', 'metrics.txt'), recorded('1.20.1', 'metrics.json')],
  [
    parseMapFrontends,
    recorded('1.20.1', 'bpf-lb-frontends.json'),
    'SERVICE ADDRESS   BACKEND ADDRESS\n10.0.0.1:80/TCP (0)   0 1[0] (6) [0x0 0x0]\n',
  ],
  [
    parseMapSizes,
    '{"name":"cilium_lb4_serv","type":"hash","max_entries":65536}\n',
    '1: hash  name cilium_lb4_serv\n\tmax_entries 5\n',
  ],
  [parseStartedConfig, ...answers('startedConfig')],
  [
    parseCgroupPrograms,
    recorded('1.20.1', 'cgroup-show.json'),
    '/run/cilium/cgroupv2\nID  AttachType\n1  connect4  multi  x\n',
  ],
  [parseDevicePrograms, ...answers('devicePrograms')],
  [parseIptablesSave, recorded('1.20.1', 'ip6tables-save.txt')],
  [parseInterfaces, recorded('1.20.1', 'addr.json'), '1: lo: <UP> mtu 1\n    inet 127.0.0.1/8 scope host lo\n'],
  [parseIpsets, 'KUBE-A\n', 'Name: KUBE-A\nType: hash:ip\n'],
  [parseIpvs, 'TCP  0A600001:01BB rr\n  -> AC1E0001:192B      Masq    1      0          0\n'],
  [parseListeners, recorded('1.20.1', 'listen.txt')],
  [parseDefaultRoutes('ipv4'), ...answers('defaultRoutes4')],
  [parseRoutes('ipv4'), ...answers('routes4')],
  [parseRoutes('ipv6'), ...answers('routes6')],
  [parseNftFilters, readFileSync(new URL('../fixtures/rules/nft-filters.txt', import.meta.url), 'utf8')],
  [parseRouteRules, ...answers('routeRules')],
  [parseServersProbe, ...answers('serversProbe')],
  [parseSysctls, ...answers('sysctls')],
  [parseKernelOptions, ...answers('kernelOptions')],
  [parseKernel, recorded('1.20.1', 'uname.txt')],
  [parseProxyHealth, ...answers('proxyHealth', 'kube-proxy-iptables')],
  [parseApiProbe, ...answers('apiProbe')],
  [parseDnsProbe, ...answers('dnsProbe')],
  [parseNftRuleset, recorded('1.19.6', 'kube-proxy-nft.json')],
  [parseNftRuleset, recorded('1.19.6', 'kube-proxy-nft.json')],
  [rowsOfNftables, recorded('1.19.6', 'kube-proxy-nft.json')],
  [parseIpvsProc, 'TCP  0A600001:01BB rr  \n  -> AC1E0001:192B      Masq    1      0          0         \n'],
  [parseIpvsadm, '-A -t 10.0.0.1:80 -s rr -p 300\n-a -t 10.0.0.1:80 -r 10.1.1.1:80 -m -w 1\n'],
  [parseIpsetSave, 'create A hash:ip family inet hashsize 1024\nadd A 10.0.0.1 timeout 5\n'],
  [parseAllNftTables, ...answers('nftTables', 'kube-proxy-nftables'), '2 filter\n10 kube-proxy\ntable ip kube-proxy\n'],
  [
    parseConntrack,
    'ipv4     2 udp      17 86 src=172.30.5.11 dst=10.96.0.10 sport=40053 dport=53 src=10.244.1.82 dst=172.30.5.11 sport=53 dport=29598 [ASSURED] mark=0 zone=0 use=2\nleft 2\n',
  ],
];
