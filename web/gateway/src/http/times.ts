/**
 * Times in requests. A date alone is a UTC+8 date, because days are cut there; a time with a zone is what it says.
 */
import { dayNumberOfIso } from '@quaywatch/seeds';
import { badRequest } from './errors.ts';

const ZONE_MS = 8 * 3_600_000;

/** UTC ms of '1735689600000', '2025-01-01' (UTC+8) or an ISO time (without a zone: UTC+8). @throws ApiError 400 */
export function parseTimeMs(text: string, name: string): number {
  if (/^\d{9,15}$/.test(text)) return Number(text);
  const isDate = /^\d{4}-\d{2}-\d{2}$/.test(text);
  const hasZone = /(?:Z|[+-]\d{2}:?\d{2})$/i.test(text) && !isDate;
  const parsed = Date.parse(isDate ? `${text}T00:00:00Z` : hasZone ? text : `${text}Z`);
  if (dayNumberOfIso(text.slice(0, 10)) === undefined || Number.isNaN(parsed))
    throw badRequest(`${name}: ${JSON.stringify(text)} is neither UTC milliseconds nor an ISO 8601 time.`);
  return hasZone ? parsed : parsed - ZONE_MS;
}
