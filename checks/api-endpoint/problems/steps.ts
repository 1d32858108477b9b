const everyAgentReachesIt = {
  text: 'that address answers every agent: with another one none of them comes back',
  command:
    'kubectl -n {{namespace}} get pods -l k8s-app=cilium -o name | (known=1; while read -r pod; do kubectl -n {{namespace}} exec "$pod" -c cilium-agent -- timeout 3 bash -c \'</dev/tcp/$0/$1\' {{apiHost}} {{apiPort}} </dev/null || exit 1; known=0; done; exit $known)',
} as const;

/** Where agents are down for the want of it, there is nothing to lose, and nobody to ask. */
export const howToSet = [
  {
    text: 'Give agents and operator an address of the API server that every node reaches without a service proxy',
    command:
      'kubectl -n {{namespace}} set env daemonset/{{agentDaemonSet}} deployment/{{operator}} KUBERNETES_SERVICE_HOST={{apiHost}} KUBERNETES_SERVICE_PORT={{apiPort}}',
    where: 'workstation',
    does: 'restartAllAgents',
    repairs: ['KPR2001', 'KPR2002', 'KPR2004'],
    risk: 'all agents and the operator restart one after the other; connections that exist stay',
  },
  {
    text: 'Restart the agents, one node after the other, because their DaemonSet is updated by hand (OnDelete)',
    restart: 'all',
    onlyByHand: true,
    where: 'workstation',
    repairs: ['KPR2001', 'KPR2002', 'KPR2004'],
  },
  {
    decision: true,
    text: 'Set the Helm values k8sServiceHost={{apiHost}} and k8sServicePort={{apiPort}}, too, or the next upgrade takes it back',
    where: 'workstation',
  },
] as const;

/** Where agents run, they must not get a wrong address. */
export const howToSetSafely = [
  { ...howToSet[0], precondition: everyAgentReachesIt },
  howToSet[1],
  howToSet[2],
] as const;

export const undo = 'kubectl -n {{namespace}} rollout undo daemonset/{{agentDaemonSet}} deployment/{{operator}}';
