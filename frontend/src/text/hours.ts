/** Reads a time of day as people type it, `8`, `8.30`, `830` or `20:30`, as `HH:MM` of 24 hours; null where it is none. */
export function readHour(typed: string): string | null {
  const [, hour = '', minute = '00'] = /^(\d{1,2})(?:[:.h ]?([0-5]\d))?$/.exec(typed.trim()) ?? []
  return hour && Number(hour) < 24 ? `${hour.padStart(2, '0')}:${minute}` : null
}
