import { getAsset, isSea } from 'node:sea';

/**
 * Licences and notices of everything in the single executable, which carries them (`pkg/notices.ts`); undefined where
 * the program is none: every package lies beside its own licence then.
 */
export const notices = (): string | undefined => (isSea() ? getAsset('notices', 'utf8') : undefined);
