export const restartAgent = {
  text: 'Restart the agent on one node first, and look before you go on',
  restart: 'agent',
  where: 'workstation',
  risk: 'the node’s tables keep working while it restarts; changes of Services reach it late',
} as const;

export const restartAll = {
  text: 'Then restart the agents',
  restart: 'all',
  where: 'workstation',
  risk: 'agents restart a few at a time; pods that start meanwhile wait for their network',
} as const;
