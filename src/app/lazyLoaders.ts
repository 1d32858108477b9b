import { standardInput } from '../terminal/standardInput.ts';
import type { Loaders } from './Loaders.ts';

/** The real ones, each loaded when it is first needed. */
export const lazyLoaders: Loaders = {
  checks: async () => (await import('../../checks/index.ts')).checks,
  problems: async () => (await import('../../checks/problems.ts')).problems,
  openArchive: async (path) => {
    const { openArchive } = await import('../collect/archive/openArchive.ts');
    return openArchive(path, undefined, standardInput);
  },
  openLive: async (flags, via, host) => (await import('../collect/openLive.ts')).openLive(flags, via, host),
  openPort: async (flags, via, host) => (await import('../collect/openLive.ts')).openPort(flags, via, host),
  snapshotSink: async ({ origin, takenAt, reader, digests }, { nodes, sample, part, ciliumNamespace }, options) => {
    const { SnapshotBuilder } = await import('../parse/SnapshotBuilder.ts');
    const read = { origin, takenAt, reader, digests };
    return new SnapshotBuilder({ ...read, selectedNodes: nodes, sample, part, ciliumNamespace, ...options });
  },
  captureSink: async (file, { origin, takenAt }, { redact, ...options }) => {
    const { CaptureWriter } = await import('../collect/archive/CaptureWriter.ts');
    if (redact === undefined) return new CaptureWriter(file, { origin, takenAt, ...options });
    const { RedactedCapture } = await import('../collect/archive/redact/RedactedCapture.ts');
    return new RedactedCapture(file, { origin, takenAt, ...options }, redact.key);
  },
};
