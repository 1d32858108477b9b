import { type BackendKey, type FrontendKey, parseBackend, parseFrontend } from '../../src/model/lb/keys.ts';

/** @param text as keys are spelled; another spelling is a fault of the test */
export function aFrontendKey(text: string): FrontendKey {
  const key = parseFrontend(text)?.key;
  if (key !== text) throw new Error(`not the key of a frontend: ${text}`);
  return key;
}

/** As `aFrontendKey`. */
export function aBackendKey(text: string): BackendKey {
  const key = parseBackend(text)?.key;
  if (key !== text) throw new Error(`not the key of a backend: ${text}`);
  return key;
}
