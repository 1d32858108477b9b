import { type ClusterShape, dnsServers, recordedServer, type SimulatedService } from './ClusterShape.ts';

export interface Endpoint {
  readonly address: string;
  readonly port: number;
  readonly protocol: 'TCP' | 'UDP';
}

/** A frontend as an agent keeps it, whatever numbers it gives to things. */
export interface FrontendRow extends Endpoint {
  readonly type: 'ClusterIP' | 'NodePort';
  readonly service: string;
  readonly portName: string;
  readonly backends: readonly Endpoint[];
  /** It is of the node's own address, which stands for it here. */
  readonly isOwn?: boolean;
}

/** Stands for the address of whichever node is asked. */
export const ownAddress = '255.255.255.254';

/** All that an agent's own table says, and the rows of the node's own address, which are in the maps alone. */
export const frontendRows = (shape: ClusterShape): readonly FrontendRow[] => [
  ...systemRows(shape),
  ...shape.services.flatMap(rowsOf),
];

function systemRows(shape: ClusterShape): FrontendRow[] {
  const dns = (portName: string, port: number, protocol: 'TCP' | 'UDP'): FrontendRow => ({
    address: '10.96.0.10',
    port,
    protocol,
    type: 'ClusterIP',
    service: 'kube-system/kube-dns',
    portName,
    backends: dnsServers(shape).map(({ address }) => ({ address, port, protocol })),
  });
  return [
    {
      address: '10.96.0.1',
      port: 443,
      protocol: 'TCP',
      type: 'ClusterIP',
      service: 'default/kubernetes',
      portName: 'https',
      backends: [{ address: recordedServer, port: 6443, protocol: 'TCP' }],
    },
    dns('dns', 53, 'UDP'),
    dns('dns-tcp', 53, 'TCP'),
    dns('metrics', 9153, 'TCP'),
  ];
}

function rowsOf({ name, clusterIP, nodePort, backends: pods }: SimulatedService): FrontendRow[] {
  const backends = pods.map(({ address }): Endpoint => ({ address, port: 8080, protocol: 'TCP' }));
  const shared = { protocol: 'TCP', service: `default/${name}`, portName: 'http', backends } as const;
  const row: FrontendRow = { ...shared, address: clusterIP, port: 80, type: 'ClusterIP' };
  if (nodePort === undefined) return [row];
  const outside = { ...shared, port: nodePort, type: 'NodePort' } as const;
  return [row, { ...outside, address: '0.0.0.0' }, { ...outside, address: ownAddress, isOwn: true }];
}
