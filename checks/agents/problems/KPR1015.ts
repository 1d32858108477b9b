import { defineProblem } from '../../../src/core/Problem.ts';

const readWhy = {
  text: 'Read why: the warning in the agent’s log that says what it falls back to',
  command:
    "kubectl -n {{namespace}} logs {{agentPod}} -c cilium-agent | grep -iE 'fall(ing)? back|disabling|not supported|requires'",
  where: 'workstation',
} as const;

const check = 'kubectl kpr doctor --check settings-in-effect --node {{node}}';

export const kpr1015 = defineProblem({
  code: 'KPR1015',
  severity: 'warning',
  harm: 'trap',
  layer: 'agent',
  title: 'A requested setting was silently replaced by another',
  brief: 'a setting was silently replaced by another',
  symptom:
    'All works, but slower than meant, or with other addresses, or without what depends on the setting (ip-masq-agent, bandwidth manager, XDP).',
  cause:
    'Kernel, driver, devices or another setting do not allow what was asked for. The agent then takes something else, which its status shows and a line of its log explains.',
  confirm: 'cilium-dbg status --verbose in the agent, beside the keys of cilium-config.',
  mayFollowFrom: [
    // What is set now need not be what it was started with.
    { code: 'KPR1005', by: 'node' },
    { code: 'KPR1009', by: 'node' },
    { code: 'KPR1003', by: 'node' },
  ],
  variants: {
    masquerade: {
      message:
        'Masquerading is done by {{found}}, although {{key}} is {{asked}}: settings of ip-masq-agent for eBPF have no effect',
      remedy: {
        steps: [
          readWhy,
          {
            decision: true,
            text: 'Give the agent what it needs (NodePort by eBPF, and devices with the node’s address), or say what is in effect: Helm value bpf.masquerade=false',
            where: 'workstation',
          },
        ],
        check,
      },
    },
    hostRouting: {
      message: 'Packets of pods take the host’s own routing ({{found}}), although {{key}} is {{asked}}',
      remedy: {
        steps: [
          readWhy,
          {
            decision: true,
            text: 'Routing by eBPF needs masquerading by eBPF and kube-proxy replacement; switch these on, or leave the key out',
            where: 'workstation',
          },
        ],
        check,
      },
    },
    acceleration: {
      message: 'NodePorts are not accelerated ({{found}}), although {{key}} is {{asked}}',
      remedy: {
        steps: [
          {
            text: 'See the drivers of the node’s devices: XDP needs one that supports it, on the physical device',
            command: 'sh -c \'for d in /sys/class/net/*/device/driver; do echo "$d $(readlink "$d")"; done\'',
            where: 'node',
          },
          readWhy,
          {
            decision: true,
            text: 'Choose devices that support it, or say what is in effect: Helm value loadBalancer.acceleration=disabled',
            where: 'workstation',
          },
        ],
        check,
      },
    },
    other: {
      message: 'The agent runs with {{found}}, although {{key}} is {{asked}}',
      remedy: { steps: [readWhy], check },
    },
  },
});
