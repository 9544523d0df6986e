/**
 * The sections of the settings, in the order of their nav; the first is where
 * a link that names none comes to. Each has a component in
 * ui/settings/registry.ts and its name in the catalogue, `section.…`.
 */
export const sections = ['accounts', 'appearance', 'notifications', 'keys', 'people', 'access', 'data'] as const

export type Section = (typeof sections)[number]
