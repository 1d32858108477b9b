import { expect, test } from 'vitest';
import { keyOf, Pseudonyms } from '../../../../src/collect/archive/redact/Pseudonyms.ts';
import { redactCommand } from '../../../../src/collect/archive/redact/redactCommand.ts';
import { agentCommands } from '../../../../src/knowledge/nodeCommands.ts';

/** In this cluster things are called `acme`, and like flags, programs and words of kubectl's. */
const names = new Pseudonyms(keyOf('a key of this test'));
for (const name of ['acme', 'acme-7d9f', 'c', 'n', 'o', 'db', 'save', 'pinned', 'uname', 'pods', 'kubectl', 'unzip'])
  names.label(name);
const acme = names.label('acme');
const redacted = (command: string): string => redactCommand(command, names);

test.each([
  ['kubectl --context=prod-acme get services -A -o json', 'kubectl get services -A -o json'],
  [
    `kubectl --kubeconfig /home/jane/.kube/acme --context='acme prod' -n acme get configmap cilium-config -o json`,
    `kubectl -n ${acme} get configmap cilium-config -o json`,
  ],
  [`kubectl get --raw /version`, `kubectl get --raw /version`],
  [
    'kubectl -n pods exec acme-7d9f -c c -- iptables-nft-save -c',
    `kubectl -n ${names.label('pods')} exec ${names.label('acme-7d9f')} -c ${names.label('c')} -- iptables-nft-save -c`,
  ],
  [
    `kubectl -n kube-system exec p -c cilium-agent -- bash -c '</dev/tcp/10.96.0.10/53 && echo open'`,
    `kubectl -n kube-system exec ${names.label('p')} -c cilium-agent -- bash -c '</dev/tcp/10.96.0.10/53 && echo open'`,
  ],
  [
    'kubectl -n kube-system exec cilium -c cilium-agent -- tell --whom=acme',
    `kubectl -n kube-system exec cilium -c cilium-agent -- tell --whom=${acme}`,
  ],
  [
    'unzip -p /home/jane/acme/prod.zip cilium-sysdump-1/k8s-nodes-1.yaml',
    'unzip -p ARCHIVE cilium-sysdump-1/k8s-nodes-1.yaml',
  ],
  [
    `unzip -p '/home/jane/my acme'\\''s/prod.zip' sysdump/cilium-bugtool-acme-1.tar.gz | tar -xzO cmd/ip-a.md`,
    `unzip -p ARCHIVE sysdump/cilium-bugtool-${acme}-1.tar.gz | tar -xzO cmd/ip-a.md`,
  ],
  ['tar -xzOf ../acme/bugtool.tgz cmd/ss.md', 'tar -xzOf ARCHIVE cmd/ss.md'],
  ['cat /srv/acme/cilium-bugtool-acme-1/cmd/ss--t--p.md', `cat ARCHIVE/cilium-bugtool-${acme}-1/cmd/ss--t--p.md`],
  [`cat '/srv/acme 1/cilium-configmap-1.yaml'`, 'cat ARCHIVE/cilium-configmap-1.yaml'],
])('%s', (command, expected) => {
  expect(redacted(command)).toBe(expected);
});

test('what agents are asked stays as it is, in a pod and by itself', () => {
  for (const { shown } of Object.values(agentCommands)) {
    expect(redacted(shown)).toBe(shown);
    expect(redacted(`kubectl -n acme exec acme-7d9f -c cilium-agent -- ${shown}`)).toBe(
      `kubectl -n ${acme} exec ${names.label('acme-7d9f')} -c cilium-agent -- ${shown}`,
    );
  }
});

test('a public address, also where a port stands behind it as if it were a network’s length', () => {
  expect(redacted(`kubectl exec p -- bash -c '</dev/tcp/52.29.1.7/53'`)).not.toContain('52.29.1.7');
});
