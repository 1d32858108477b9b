import { defineFault } from '../lib/Fault.ts';

const deletion = "bash -c 'iptables-nft -w -t filter -D FORWARD -j DROP'";

const asks = (address: string): string =>
  `for i in 1 2 3 4 5 6; do curl -s -o /dev/null --max-time 1 http://${address}:31080/; done; true`;

export default defineFault({
  id: 'forward-dropped',
  title: 'a rule of nobody known drops on both nodes all that is forwarded, as hardened images do',
  expect: [{ code: 'KPR1018', nodes: ['n1', 'n2'] }],
  // Where no packet came by so far, it is a warning by itself.
  also: ['KPR1017'],
  remedy: { decided: { [deletion]: deletion } },
  inject: async (bed) => {
    for (const node of ['n1', 'n2']) await bed.node(node, 'iptables', '-I', 'FORWARD', '-j', 'DROP');
    // Some of these requests are for pods of the node that is asked.
    const addresses = await bed.kubectl('get', 'nodes', '-o', 'jsonpath={.items[*].status.addresses[0].address}');
    for (const address of addresses.split(' ')) await bed.outside('bash', '-c', asks(address));
    return async () => {
      for (const node of ['n1', 'n2']) await bed.node(node, 'iptables', '-D', 'FORWARD', '-j', 'DROP');
    };
  },
});
