import type { CiliumLocalRedirectPolicy, Pod } from '../../model/kubernetes.ts';
import { isAtLeast } from '../../knowledge/version.ts';
import {
  aboutNode,
  about,
  aboutDifferences,
  askedPorts,
  isReadyPod,
  overriddenService,
  portsOf,
  redirectedService,
  redirectPods,
} from './conditions.ts';
import type { AgentSettings } from '../agent/AgentSettings.ts';
import { type OwnerRef, policyRef, serviceRef } from '../lb/OwnerRef.ts';
import { type Defect, defineDefect } from './Defect.ts';
import type { Scene } from './Scene.ts';

const honoursPolicies = ({ localRedirects }: AgentSettings): boolean => localRedirects.value;

const overridden = (scene: Pick<Scene, 'policies' | 'services'>): readonly OwnerRef[] =>
  scene.policies.flatMap((policy) => {
    const service = overriddenService(policy, scene.services);
    return service === undefined ? [] : [serviceRef(service), policyRef(policy)];
  });

const overridesService = defineDefect({
  reference: '#45412',
  affects: { '1.16': { fixed: 'never' }, '1.17': { fixed: '1.17.16' } },
  title: 'a redirect policy by the address of a Service takes the Service’s own rows with it when it is deleted',
  meets: 'a CiliumLocalRedirectPolicy matches the address and port of a Service',
  symptom: 'After the policy is deleted, nobody serves the Service on nodes where it was in effect.',
  workaround: 'Let the policy match the Service by name (serviceMatcher); restart the agents where rows are missing',
  harm: 'trap',
  where: honoursPolicies,
  reads: ['policies', 'services'],
  explains: ['frontendMissing'],
  condition: (scene) => about(overridden(scene), 'a redirect policy matches the address of a Service'),
});

const removesUnreadyRedirect = defineDefect({
  reference: '#45522',
  affects: { '1.18': { fixed: '1.18.10' }, '1.19': { fixed: '1.19.4' } },
  title: 'a redirect policy by the address of a Service removes the Service’s rows while it has no ready pod on a node',
  meets: 'a CiliumLocalRedirectPolicy matches the address and port of a Service',
  symptom: 'While the policy’s pod of a node starts or is gone, nobody serves the Service there.',
  workaround: 'Let the policy match the Service by name (serviceMatcher)',
  harm: 'trap',
  where: honoursPolicies,
  reads: ['policies', 'services'],
  explains: ['frontendMissing'],
  condition: (scene) => about(overridden(scene), 'a redirect policy matches the address of a Service'),
});

const withoutLocalPod = defineDefect({
  reference: '#41463',
  affects: { '1.18': { fixed: '1.18.2' } },
  title: 'a redirect policy without a pod on a node drops the traffic there',
  meets: 'a CiliumLocalRedirectPolicy matches a Service, and none of its pods runs on the node',
  symptom: 'Connections to the Service fail on nodes where no pod of the policy runs.',
  workaround: 'Run a pod of the policy on every node, or delete the policy',
  harm: 'now',
  where: honoursPolicies,
  reads: ['policies', 'services', 'pods', 'node'],
  explains: ['frontendMissing', 'backendsMissing', 'wrongProperties'],
  condition(scene) {
    const idle = scene.policies.filter((policy) => redirectPods(policy, scene).length === 0);
    return about(
      idle.flatMap((policy) => withService(policy, scene)),
      'no pod of the redirect policy runs here',
    );
  },
});

/** The policy and the Service that it redirects; none where it redirects no Service by name. */
function withService(policy: CiliumLocalRedirectPolicy, { services }: Pick<Scene, 'services'>): readonly OwnerRef[] {
  const service = redirectedService(policy, services);
  return service === undefined ? [] : [serviceRef(service), policyRef(policy)];
}

const singleNamedPort = defineDefect({
  reference: '#41534',
  affects: { '1.18': { fixed: '1.18.2' } },
  title: 'a redirect policy with one port that has a name has no effect',
  meets: 'a CiliumLocalRedirectPolicy for a Service lists one port, with a name',
  symptom: 'Connections go to the Service’s own pods on all nodes instead of the pod of the node.',
  workaround: 'Leave the name of the only port out of the policy',
  harm: 'now',
  where: honoursPolicies,
  reads: ['policies', 'services'],
  explains: ['wrongProperties', 'backendsStale', 'backendsMissing'],
  condition: (scene) =>
    about(
      scene.policies.filter((policy) => isSingleNamed(policy)).flatMap((policy) => withService(policy, scene)),
      'the only port of the redirect policy has a name',
    ),
});

function isSingleNamed(policy: CiliumLocalRedirectPolicy): boolean {
  const [first, ...others] = askedPorts(policy);
  return others.length === 0 && (first?.name ?? '') !== '';
}

const severalPortsByAddress = defineDefect({
  reference: '#41602',
  affects: { '1.18': { fixed: '1.18.3' } },
  title: 'a redirect policy by address with several ports mixes their backends up',
  meets: 'a CiliumLocalRedirectPolicy by address lists more than one port',
  symptom: 'Connections to one port of the address reach the container port of another.',
  workaround: 'Write one policy for each port',
  harm: 'now',
  where: honoursPolicies,
  reads: ['policies'],
  explains: ['backendsStale', 'backendsMissing'],
  condition: (scene) =>
    about(
      scene.policies
        .filter(
          (policy) => policy.spec?.redirectFrontend?.addressMatcher !== undefined && askedPorts(policy).length > 1,
        )
        .map(policyRef),
      'a redirect policy by address with several ports',
    ),
});

const takesOtherPorts = defineDefect({
  reference: '#41411',
  affects: { '1.18': { fixed: '1.18.2' } },
  title: 'a redirect policy for some ports of a Service redirects the others, too',
  meets: 'a CiliumLocalRedirectPolicy lists fewer ports than its Service has',
  symptom: 'Ports of the Service that the policy does not list lead to the pod of the node.',
  workaround: 'Put the ports that are to be redirected into a Service of their own',
  harm: 'now',
  where: honoursPolicies,
  reads: ['policies', 'services'],
  explains: ['wrongProperties', 'backendsStale', 'backendsMissing'],
  condition: (scene) =>
    about(
      scene.policies.filter((policy) => listsSome(policy, scene)).flatMap((policy) => withService(policy, scene)),
      'the redirect policy lists some of the Service’s ports',
    ),
});

function listsSome(policy: CiliumLocalRedirectPolicy, { services }: Pick<Scene, 'services'>): boolean {
  const listed = new Set(askedPorts(policy).map(({ port }) => Number(port)));
  const ports = redirectedService(policy, services)?.spec?.ports ?? [];
  return listed.size > 0 && ports.some(({ port }) => !listed.has(port));
}

const unreadyPods = defineDefect({
  reference: '#43095',
  affects: { '1.18': { fixed: '1.18.7' } },
  title: 'redirect policies send connections to pods that are not ready',
  meets: 'a pod of a CiliumLocalRedirectPolicy is not ready on the node',
  symptom: 'Connections to the redirected address fail on the node of that pod.',
  workaround: undefined,
  harm: 'now',
  where: honoursPolicies,
  reads: ['policies', 'pods', 'node'],
  condition(scene) {
    const policies = scene.policies.filter((policy) => redirectPods(policy, scene).some((pod) => !isReadyPod(pod)));
    return about(policies.map(policyRef), 'redirects to a pod that is not ready');
  },
});

const podsWithoutPorts = defineDefect({
  reference: '#46638',
  affects: { '1.20': { fixed: '1.20.2' } },
  title: 'a redirect policy passes over pods that do not declare the port',
  meets: 'a pod of a CiliumLocalRedirectPolicy with one port declares no container port',
  symptom: 'The policy has no effect on nodes whose pod declares no port.',
  workaround: 'Declare the port in the pod’s container',
  harm: 'now',
  where: honoursPolicies,
  reads: ['policies', 'pods', 'node'],
  condition(scene) {
    const policies = scene.policies.filter(
      (policy) => askedPorts(policy).length === 1 && redirectPods(policy, scene).some(declaresNone),
    );
    return about(policies.map(policyRef), 'redirects to a pod that declares no port');
  },
});

const declaresNone = (pod: Pod): boolean => portsOf(pod).length === 0;

const algorithmAnnotations = defineDefect({
  reference: '#40246',
  affects: { '1.17': { fixed: '1.17.7' } },
  title: 'redirect policies do not work where the algorithm may be chosen by annotation',
  meets: 'bpf-lb-algorithm-annotation is true, and there is a CiliumLocalRedirectPolicy',
  symptom: 'Redirected connections are dropped.',
  workaround: 'Switch bpf.lbAlgorithmAnnotation off',
  harm: 'now',
  where: (settings) => honoursPolicies(settings) && settings.algorithmAnnotation.value,
  reads: ['policies'],
  condition: ({ policies }) =>
    about(policies.map(policyRef), 'a redirect policy, and bpf-lb-algorithm-annotation is true'),
});

const oldKernels = defineDefect({
  reference: '#41449',
  also: ['#41457'],
  affects: { '1.16': { fixed: '1.16.14' }, '1.17': { fixed: '1.17.8' } },
  title: 'kernels before 5.7 refuse the socket programs when redirect policies are switched on',
  meets: 'enable-local-redirect-policy is true, and the kernel is older than 5.7',
  symptom: 'The agent does not load its datapath: “invalid func unknown#122”.',
  workaround: 'Use a kernel from 5.7 on, or switch localRedirectPolicies.enabled off',
  harm: 'now',
  where: honoursPolicies,
  reads: ['kernel'],
  condition: ({ kernel }) =>
    !isAtLeast(kernel, '5.7.0')
      ? aboutNode(`kernel ${kernel.version}, and enable-local-redirect-policy is true`)
      : undefined,
});

const staleAfterRestart = defineDefect({
  reference: '#36036',
  affects: { '1.16': { fixed: '1.16.5' } },
  title: 'redirected rows keep pods that ended while the agent was restarted',
  meets: 'a redirected row leads to an address that is gone',
  symptom: 'After a restart of the agent redirected connections time out on that node.',
  workaround: 'Delete the policy and create it again',
  harm: 'now',
  reads: ['differences'],
  explains: ['backendsStale'],
  condition: ({ differences }) =>
    aboutDifferences(
      differences.filter(({ kind, type }) => kind === 'backendsStale' && type === 'LocalRedirect'),
      'redirected to a pod that is gone',
    ),
});

export const redirectDefects: readonly Defect[] = [
  overridesService,
  removesUnreadyRedirect,
  withoutLocalPod,
  singleNamedPort,
  severalPortsByAddress,
  takesOtherPorts,
  unreadyPods,
  podsWithoutPorts,
  algorithmAnnotations,
  oldKernels,
  staleAfterRestart,
];
