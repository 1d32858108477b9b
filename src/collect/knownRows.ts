import { hash } from 'node:crypto';
import { KnownRows } from '../parse/digest/KnownRows.ts';

/** Nothing known yet. @param forms of agents' tables that are kept; undefined: as many as one process may hear */
export const knownRows = (forms?: number): KnownRows => new KnownRows((text) => hash('sha256', text, 'hex'), forms);
