import { defineProblem } from '../../../src/core/Problem.ts';

const seeRanges = {
  text: 'See which range each node has',
  command:
    "kubectl get ciliumnodes -o 'custom-columns=node:.metadata.name,ranges:.spec.ipam.podCIDRs,pools:.spec.ipam.pools.allocated[*].cidrs'",
  where: 'workstation',
} as const;

const restartOperator = {
  text: 'Restart the operator, which looks at all ranges when it starts',
  command:
    'kubectl -n {{namespace}} rollout restart deployment {{operator}} && kubectl -n {{namespace}} rollout status deployment {{operator}} --timeout=5m',
  where: 'workstation',
} as const;

const check = 'kubectl kpr doctor --check pod-addresses-single';

export const kpr1020 = defineProblem({
  code: 'KPR1020',
  severity: 'error',
  harm: 'now',
  layer: 'agent',
  title: 'Addresses of pods are given out twice',
  brief: 'addresses of pods are given out twice',
  symptom:
    'Connections to some pods end at others, or nowhere, and whose they are depends on the node that they start from; all tables are right.',
  cause:
    'The operator gave two nodes one range (it was restarted or its pool was extended at a bad moment), two pools overlap, or pods have a range in which Services have their addresses.',
  confirm: 'kubectl get pods -A -o wide | sort -k7, and the ranges: kubectl get ciliumnodes -o yaml',
  variants: {
    rangeTwice: {
      brief: 'two nodes have one range for pods',
      message: 'Two nodes give their pods the same addresses, {{range}}: others reach those of one of them only',
      remedy: {
        steps: [
          seeRanges,
          { text: 'Let no more pods start on {{second}}', command: 'kubectl cordon {{second}}', where: 'workstation' },
          restartOperator,
          {
            decision: true,
            text: 'Once {{second}} has a range of its own, let its pods start again, so that they get addresses of it, and allow it new ones; if it keeps the range, let the node join anew under another name',
            command:
              'kubectl drain {{second}} --ignore-daemonsets --delete-emptydir-data && kubectl uncordon {{second}}',
            where: 'workstation',
            does: 'rebootNode',
            risk: 'its pods move to other nodes, and what they keep in emptyDir is lost',
          },
        ],
        check,
        undo: 'kubectl uncordon {{second}}',
      },
    },
    rangeOfNodeTwice: {
      brief: 'two nodes have one range for pods',
      message:
        'Two nodes give their pods the same addresses, {{range}}: others reach those of one of them only; agents have them from Nodes (ipam: kubernetes)',
      remedy: {
        steps: [
          {
            text: 'See which range each node has, and that of its Node',
            command:
              "kubectl get ciliumnodes -o 'custom-columns=node:.metadata.name,ranges:.spec.ipam.podCIDRs'; kubectl get nodes -o 'custom-columns=node:.metadata.name,ranges:.spec.podCIDRs'",
            where: 'workstation',
          },
          {
            restart: 'agent',
            onNode: '{{second}}',
            text: 'Restart the agent of {{second}}, which takes the range of its Node again; if Nodes have one range, too, let {{second}} join anew',
            where: 'workstation',
          },
        ],
        check,
      },
    },
    poolsOverlap: {
      brief: 'two pools give out the same addresses',
      message:
        'The pools {{pools}} (CiliumPodIPPool) overlap, and pods are given the same addresses of both, {{range}}: others reach those of one of them only',
      remedy: {
        steps: [
          {
            text: 'See which pools there are, and what nodes have of them',
            command:
              "kubectl get ciliumpodippools -o 'custom-columns=pool:.metadata.name,ipv4:.spec.ipv4.cidrs,ipv6:.spec.ipv6.cidrs'; kubectl get ciliumnodes -o 'custom-columns=node:.metadata.name,pools:.spec.ipam.pools.allocated'",
            where: 'workstation',
          },
          {
            decision: true,
            text: 'Give {{pool}} a range that neither another pool nor Services nor nodes have (RANGE); nodes keep what they have of it until they are emptied',
            command:
              'kubectl patch ciliumpodippool {{pool}} --type merge -p \'{"spec":{"{{family}}":{"cidrs":["RANGE"]}}}\'',
            where: 'workstation',
          },
          restartOperator,
          {
            decision: true,
            text: 'Then, one after the other, on each node that has a range of {{pool}} from before ({{second}} is one): empty it, and take away what it was given',
            command:
              'kubectl drain {{second}} --ignore-daemonsets --delete-emptydir-data && kubectl delete ciliumnode {{second}}',
            where: 'workstation',
            does: 'rebootNode',
            risk: 'its pods move to other nodes, and what they keep in emptyDir is lost',
          },
          {
            restart: 'agent',
            onNode: '{{second}}',
            text: 'Restart its agent, which asks for ranges of the pools as they are now',
            where: 'workstation',
          },
          { text: 'Let pods start there again', command: 'kubectl uncordon {{second}}', where: 'workstation' },
        ],
        check,
        undo: 'kubectl uncordon {{second}}',
      },
    },
    podsTwice: {
      mayFollowFrom: [{ code: 'KPR1020', by: 'node', variants: ['rangeTwice', 'rangeOfNodeTwice', 'poolsOverlap'] }],
      message: 'Pods on different nodes have one address: {{addresses}}',
      remedy: {
        steps: [
          seeRanges,
          {
            text: 'See who has the address by Cilium',
            command: 'kubectl get ciliumendpoints -A -o wide | grep -wF {{address}}',
            where: 'workstation',
          },
          {
            decision: true,
            text: 'Delete one of them, so that it gets another address; its controller makes it anew',
            where: 'workstation',
          },
        ],
        check,
      },
    },
    podLikeService: {
      brief: 'pods have addresses of Services',
      message: 'Pods have addresses of Services: {{pods}}; who connects to the pod gets to the Service',
      remedy: {
        steps: [
          seeRanges,
          {
            decision: true,
            text: 'Give pods a range outside that of Services (Cilium keeps ranges that nodes have: it counts for those that join anew), and delete the pods, so that they get other addresses',
            where: 'workstation',
          },
        ],
        check,
      },
    },
    servicesAmongPods: {
      severity: 'warning',
      harm: 'trap',
      brief: 'Services have addresses in the range of pods',
      message:
        'Services have addresses in the range that a node gives its pods: {{ranges}}; a pod that gets one of them is not reached',
      remedy: {
        steps: [
          seeRanges,
          {
            decision: true,
            text: 'Give pods a range outside that of Services; Cilium keeps ranges that nodes have, so that it counts for those that join anew',
            where: 'workstation',
          },
        ],
        check,
      },
    },
  },
});
