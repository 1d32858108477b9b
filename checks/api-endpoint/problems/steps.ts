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

export const undo = 'kubectl -n {{namespace}} rollout undo daemonset/{{agentDaemonSet}} deployment/{{operator}}';
