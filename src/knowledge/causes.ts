/**
 * Which finding is known to bring which others about: with both in one report, the cause is shown first and named at the
 * other. Only what follows of necessity or nearly always; that two things are wrong at once is no cause.
 */
export const effectsOf: Readonly<Record<string, readonly string[]>> = {
  // No agent comes up, or none can learn about Services, without the API server.
  KPR2001: ['KPR1001', 'KPR1002', 'KPR9002'],
  KPR2002: ['KPR1001', 'KPR1002', 'KPR9002'],
  KPR2004: ['KPR1001', 'KPR1002', 'KPR2002', 'KPR9002'],
  // What is set in the ConfigMap comes into effect with the next start of the agents only.
  KPR1005: ['KPR1003'],
  // Without the replacement there is no datapath that could serve cluster DNS.
  KPR1003: ['KPR1004', 'KPR6002'],
  KPR1004: ['KPR6002'],
  KPR1007: ['KPR6002'],
  KPR1010: ['KPR1011', 'KPR6002'],
  // DNS queries that pick a lost or stale row are lost.
  KPR4001: ['KPR6002'],
  KPR4002: ['KPR6002'],
  KPR4003: ['KPR6002'],
  KPR4005: ['KPR6002'],
  // Cluster DNS without backends answers nobody, from nowhere.
  KPR6001: ['KPR6002', 'KPR5011'],
  // An agent that is down or hangs is the reason why its node is not read.
  KPR1001: ['KPR1002', 'KPR6002', 'KPR9002'],
  // A hung agent misses every change of Services.
  KPR1002: ['KPR4001', 'KPR4002', 'KPR4003', 'KPR4004', 'KPR4006', 'KPR9002'],
  KPR9001: ['KPR9002'],
};
