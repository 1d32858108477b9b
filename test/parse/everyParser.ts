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
import { recorded } from './recorded.ts';

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
  [parseStartedConfig, 'a:b\na:c\n'],
  [
    parseCgroupPrograms,
    recorded('1.20.1', 'cgroup-show.json'),
    '/run/cilium/cgroupv2\nID  AttachType\n1  connect4  multi  x\n',
  ],
  [parseDevicePrograms, 'lo\neth0 ingress cil_from_netdev\neth0 xdp cil_xdp_entry\ndevices 2\n'],
  [parseIptablesSave, recorded('1.20.1', 'ip6tables-save.txt')],
  [parseInterfaces, recorded('1.20.1', 'addr.json'), '1: lo: <UP> mtu 1\n    inet 127.0.0.1/8 scope host lo\n'],
  [parseIpsets, 'KUBE-A\n', 'Name: KUBE-A\nType: hash:ip\n'],
  [parseIpvs, 'TCP  0A600001:01BB rr\n  -> AC1E0001:192B      Masq    1      0          0\n'],
  [parseListeners, recorded('1.20.1', 'listen.txt')],
  [parseDefaultRoutes('ipv4'), 'default via 10.0.0.1 dev eth0 proto dhcp metric 100\n'],
  [parseRoutes('ipv4'), '10.244.2.0/24 via 10.244.1.1 dev cilium_host proto kernel src 10.244.1.1 mtu 1450\n'],
  [parseRoutes('ipv6'), 'unreachable fd00::/8 dev lo metric 1024\n'],
  [
    parseNftFilters,
    'chain 1 filter input 1 0 0 filter\nrule 1 filter input 4 immediate:0800010000000000100002000c0002000800010000000001\n',
  ],
  [parseRouteRules, '0:\tfrom all lookup local\n32766:\tfrom all lookup main\n'],
  [parseServersProbe, 'clusterIP 10.96.0.1 443 open \n'],
  [parseSysctls, '/proc/sys/net/ipv4/ip_local_port_range:32768\t60999\n'],
  [parseKernelOptions, 'CONFIG_INET=y\nCONFIG_INET_DIAG=y\n'],
  [parseKernel, recorded('1.20.1', 'uname.txt')],
  [parseProxyHealth, 'HTTP/1.0 200 OK\r\n\r\n{"lastUpdated": "x","currentTime": "y"}'],
  [parseApiProbe, 'host=a port=1 resolved=- connect=open detail=x'],
  [parseDnsProbe, 'clusterIP UDP 10.96.0.10 53 answered 4b5085800001'],
  [parseNftRuleset, recorded('1.19.6', 'kube-proxy-nft.json')],
  [parseNftRuleset, recorded('1.19.6', 'kube-proxy-nft.json')],
  [rowsOfNftables, recorded('1.19.6', 'kube-proxy-nft.json')],
  [parseIpvsProc, 'TCP  0A600001:01BB rr  \n  -> AC1E0001:192B      Masq    1      0          0         \n'],
  [parseIpvsadm, '-A -t 10.0.0.1:80 -s rr -p 300\n-a -t 10.0.0.1:80 -r 10.1.1.1:80 -m -w 1\n'],
  [parseIpsetSave, 'create A hash:ip family inet hashsize 1024\nadd A 10.0.0.1 timeout 5\n'],
  [parseAllNftTables, '2 filter\n10 kube-proxy\ntable ip kube-proxy\n'],
  [
    parseConntrack,
    'ipv4     2 udp      17 86 src=172.30.5.11 dst=10.96.0.10 sport=40053 dport=53 src=10.244.1.82 dst=172.30.5.11 sport=53 dport=29598 [ASSURED] mark=0 zone=0 use=2\nleft 2\n',
  ],
];
