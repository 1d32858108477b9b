import { defineProblem } from '../../../src/core/Problem.ts';

const check = 'kubectl kpr doctor --check local-redirects-effective';

const seePolicy = {
  text: 'See the policy',
  command: 'kubectl -n {{objectNamespace}} get ciliumlocalredirectpolicy {{objectName}} -o yaml',
  where: 'workstation',
} as const;

export const kpr6003 = defineProblem({
  code: 'KPR6003',
  severity: 'warning',
  harm: 'now',
  layer: 'api',
  title: 'Node-local DNS or a LocalRedirectPolicy is bypassed or leads nowhere',
  brief: 'node-local DNS is bypassed or leads nowhere',
  symptom:
    'A cache on the nodes sees no queries, and the servers behind it are overrun; or metadata that a local proxy should answer comes from elsewhere.',
  cause:
    'Cilium redirects to a pod of the node only what a CiliumLocalRedirectPolicy matches, by the names and numbers of its ports, while redirects are switched on; from 1.18 an address that a Service has stays the Service’s. Rules of iptables that a cache made for kube-proxy are not met by packets that Cilium translates before.',
  confirm:
    'cilium-dbg lrp list and cilium-dbg service list in an agent: the frontend is of type ClusterIP instead of LocalRedirect.',
  variants: {
    addressIsServices: {
      message:
        'The policy redirects {{address}}, which is {{services}}: since Cilium 1.18 an address that a Service has is not redirected by address',
      remedy: {
        steps: [
          seePolicy,
          {
            decision: true,
            text: 'Match the Service instead of its address: redirectFrontend.serviceMatcher {{matcher}}, with the same toPorts, in a policy of the Service’s namespace',
            where: 'workstation',
          },
        ],
        check,
      },
    },
    switchedOff: {
      message: 'The policy has no effect: local redirects are switched off (enable-local-redirect-policy)',
      remedy: {
        steps: [
          {
            text: 'Switch them on; agents read it when they start, and so does the operator',
            sets: { key: 'enable-local-redirect-policy', value: 'true', helm: 'localRedirectPolicies.enabled=true' },
            where: 'workstation',
          },
          { text: 'Restart the agents', restart: 'all', where: 'workstation' },
        ],
        check,
      },
      alternatives: [
        {
          title: 'do without the redirect',
          steps: [
            {
              decision: true,
              text: 'Delete the policy, if nobody depends on it',
              command: 'kubectl -n {{objectNamespace}} delete ciliumlocalredirectpolicy {{objectName}}',
              where: 'workstation',
            },
          ],
        },
      ],
    },
    otherNamespace: {
      message: 'The policy redirects {{service}} from namespace {{own}}: agents reject it, and it has no effect',
      remedy: {
        steps: [
          {
            decision: true,
            text: 'Make it in namespace {{right}} as well, where the pods that it redirects to have to be, too',
            command:
              "kubectl -n {{own}} get ciliumlocalredirectpolicy {{objectName}} -o yaml | sed 's/^  namespace: .*/  namespace: {{right}}/' | kubectl apply -f -",
            where: 'workstation',
          },
          {
            text: 'Then delete the one that has no effect',
            command: 'kubectl -n {{own}} delete ciliumlocalredirectpolicy {{objectName}}',
            where: 'workstation',
          },
        ],
        check,
      },
    },
    serviceMissing: {
      message: 'The policy redirects the Service {{service}}, which does not exist',
      remedy: {
        steps: [
          seePolicy,
          {
            decision: true,
            text: 'Correct serviceName (the policy stands in the Service’s namespace), or delete the policy',
            where: 'workstation',
          },
        ],
        check,
      },
    },
    portsDoNotMeet: {
      message: 'The policy redirects no port of {{service}}: it names {{asked}}, and the Service has {{has}}',
      remedy: {
        steps: [
          seePolicy,
          {
            decision: true,
            text: 'Give toPorts of redirectFrontend and redirectBackend the numbers and, where there are several, the names of the Service’s ports',
            where: 'workstation',
          },
        ],
        check,
      },
    },
    cacheBypassed: {
      message:
        'The cache {{cache}} waits on the host network for queries to {{clusterIP}}, which Cilium translates before they get there',
      remedy: {
        steps: [
          {
            decision: true,
            text: 'Run the cache without the host network (-skipteardown=true -setupinterface=false -setupiptables=false), and redirect cluster DNS to it by a CiliumLocalRedirectPolicy with a serviceMatcher',
            where: 'workstation',
          },
        ],
        check,
      },
      alternatives: [
        {
          title: 'let pods ask the cache at an address of its own',
          steps: [
            {
              decision: true,
              text: 'Set kubelet’s clusterDNS to the cache’s link-local address, and leave the ClusterIP out of -localip',
              where: 'node',
            },
          ],
        },
      ],
    },
  },
});
