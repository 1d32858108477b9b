export const shardContainer = 'shard';
/** By which Kubernetes itself marks pods of a Job. */
export const jobNameLabel = 'batch.kubernetes.io/job-name';
export const indexAnnotation = 'batch.kubernetes.io/job-completion-index';
/** In a pod of a Job: which of them it is, and the UID of the Job. */
export const indexVariable = 'JOB_COMPLETION_INDEX';
export const runVariable = 'KPR_RUN';
