import { defineProblem } from '../../../src/core/Problem.ts';

export const kpr3009 = defineProblem({
  code: 'KPR3009',
  severity: 'warning',
  harm: 'trap',
  layer: 'host',
  title: 'Rules of another CNI or service proxy are left whose workload is gone',
  brief: 'rules of another CNI are left',
  symptom:
    'Some connections take a path that nobody configured: answers from the node to pods come from another address or are lost, clients’ addresses are masked, or nothing is noticed at all.',
  cause:
    'A CNI or service proxy writes rules of iptables on each node, and nobody takes them away when its DaemonSet is deleted: they stay until the node restarts. Cilium sends most traffic past them; what the node itself sends and what its own rules let pass still meets them.',
  confirm:
    'On the node, iptables-nft-save and iptables-legacy-save show its chains (with -c how many packets met them); no pod of it is among kubectl get pods -A.',
  variants: {
    active: {
      message:
        'Rules of {{owner}} are left and act on packets, though nothing of it runs here: {{chains}}, {{effects}}',
      remedy: {
        steps: [
          {
            text: 'Take the rules away by which packets come to them; their chains are then unused, and disappear with the next restart of the node',
            command: "bash -c '{{deletions}}'",
            where: 'node',
            precondition: {
              text: 'nothing of it runs any more, which this asks of the cluster',
              command: 'pods=$(kubectl get pods -A -o name) && ! printf %s "$pods" | grep -E "{{pods}}"',
            },
          },
        ],
        check: 'kubectl kpr doctor --check foreign-rules-in-use',
      },
      alternatives: [
        {
          title: 'restart the nodes one after the other, which clears all rules that nobody writes any more',
          steps: [
            {
              text: 'Move its pods away',
              command: 'kubectl drain {{node}} --ignore-daemonsets --delete-emptydir-data',
              where: 'workstation',
              does: 'rebootNode',
              risk: 'pods are stopped and started elsewhere, and lose what they hold in emptyDir volumes',
            },
            { text: 'Restart it', command: 'systemctl reboot', where: 'node', does: 'rebootNode' },
            {
              text: 'When it is ready again, let pods come back',
              command: 'kubectl uncordon {{node}}',
              where: 'workstation',
            },
          ],
        },
      ],
    },
    idle: {
      severity: 'info',
      harm: 'note',
      message: 'Rules of {{owner}} are left that neither translate, mark nor drop anything: {{chains}}',
    },
  },
});
