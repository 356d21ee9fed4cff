"""Irregular forms of English words, and contractions."""

import re

# Base forms by irregular form. A base form stands for all of its forms on both sides of the comparison.
_VERBS = """
arise: arose arisen; awake: awoke awoken; be: am is are was were been being; bear: bore borne; beat: beaten
become: became; begin: began begun; bend: bent; bite: bit bitten; bleed: bled; blow: blew blown
break: broke broken; breed: bred; bring: brought; build: built; burn: burnt; buy: bought; catch: caught
choose: chose chosen choosing; cling: clung; come: came; creep: crept; deal: dealt; dig: dug; do: did done does
draw: drew drawn; dream: dreamt; drink: drank drunk; drive: drove driven; eat: ate eaten; fall: fell fallen
feed: fed; feel: felt; fight: fought; find: found; flee: fled; fly: flew flown flies; forbid: forbade forbidden
forget: forgot forgotten; forgive: forgave forgiven; freeze: froze frozen; get: got gotten; give: gave given
go: went gone goes; grow: grew grown; hang: hung; have: had has; hear: heard; hide: hid hidden; hold: held
keep: kept; kneel: knelt; know: knew known; lay: laid; lead: led; learn: learnt; leave: left; lend: lent
lie: lain lying lies; light: lit; lose: lost; make: made; mean: meant; meet: met; pay: paid; ride: rode ridden
ring: rang rung; rise: rose risen; run: ran; say: said; see: saw seen; seek: sought; sell: sold; send: sent
sew: sewn; shake: shook shaken; shine: shone; shoot: shot; show: shown; shrink: shrank shrunk; sing: sang sung
sink: sank sunk; sit: sat; sleep: slept; slide: slid; smell: smelt; speak: spoke spoken; spend: spent
spill: spilt; spin: spun; spoil: spoilt; stand: stood; steal: stole stolen; stick: stuck; sting: stung
strike: struck; swear: swore sworn; sweep: swept; swell: swollen; swim: swam swum; swing: swung
take: took taken; teach: taught; tear: tore torn; tell: told; think: thought; throw: threw thrown
understand: understood; wake: woke woken; wear: wore worn; weep: wept; win: won; wind: wound
write: wrote written
befall: befell befallen; behold: beheld; beseech: besought; bid: bade bidden; bind: bound; cleave: cleft cloven
dwell: dwelt; fling: flung; forgo: forwent forgone; forsake: forsook forsaken; hew: hewn; lean: leant; leap: leapt
mow: mown; partake: partook partaken; prove: proven; shear: shorn; shave: shaven; slay: slew slain; sling: slung
slink: slunk; smite: smote smitten; sow: sown; speed: sped; spell: spelt; spit: spat; spring: sprang sprung
stink: stank stunk; strew: strewn; stride: strode stridden; string: strung; strive: strove striven; thrive: throve
tread: trod trodden; weave: wove woven; wring: wrung
"""
_COMPARISONS = """
good: better best; bad: worse worst; far: farther farthest further furthest; little: less least
"""
_OTHERS = """
child: children; foot: feet; tooth: teeth; goose: geese; mouse: mice; man: men; woman: women
person: people persons; ox: oxen; leaf: leaves; life: lives; wife: wives; knife: knives; wolf: wolves
shelf: shelves; thief: thieves; half: halves; loaf: loaves; calf: calves; scarf: scarves; self: selves
elf: elves; hoof: hooves; bus: buses; die: dying dies died; tie: tying; crisis: crises; analysis: analyses
datum: data; medium: media; bacterium: bacteria; phenomenon: phenomena; criterion: criteria; cactus: cacti
fungus: fungi
gray: grayer grayest; ax: axes; louse: lice; dwarf: dwarves; wharf: wharves; sheaf: sheaves; stimulus: stimuli
nucleus: nuclei; radius: radii; alumnus: alumni; syllabus: syllabi; focus: foci; locus: loci; terminus: termini
bacillus: bacilli; genus: genera; corpus: corpora; nebula: nebulae; larva: larvae; vertebra: vertebrae
antenna: antennae; formula: formulae; alga: algae; thesis: theses; hypothesis: hypotheses; oasis: oases
diagnosis: diagnoses; parenthesis: parentheses; synthesis: syntheses; ellipsis: ellipses; appendix: appendices
index: indices; matrix: matrices; vertex: vertices; vortex: vortices; codex: codices; stratum: strata
curriculum: curricula; memorandum: memoranda; millennium: millennia; ovum: ova; spectrum: spectra
symposium: symposia; automaton: automata; ganglion: ganglia; schema: schemata; stigma: stigmata
"""


def _forms(table: str) -> dict[str, str]:
    return {
        form: base
        for base, _, forms in (entry.strip().partition(": ") for entry in re.split(r"[;\n]", table) if entry)
        for form in forms.split()
    }


_IRREGULAR_VERBS = _forms(_VERBS)
_IRREGULAR_COMPARISONS = _forms(_COMPARISONS)
_IRREGULAR_FORMS = _IRREGULAR_VERBS | _IRREGULAR_COMPARISONS | _forms(_OTHERS)
_PREFIXED = re.compile("(mis|over|with|re|under|un|out|fore|up|inter)([a-z]{3,})")
# To resent is not to send again.
_NOT_PREFIXED = frozenset({"resent", "rebound"})
_COMPOUND = re.compile("([a-z]{3,})(children|men|wives|knives|shelves|wolves|teeth|feet|geese)")
_NOT_COMPOUND = frozenset({"specimen", "regimen", "abdomen", "acumen", "bitumen", "cyclamen", "dolmen"})


def irregular_base(word: str) -> str | None:
    """Return the base of an irregular form, also after a prefix (overcame) or at the end of a compound (firemen)."""
    if word in _IRREGULAR_FORMS:
        return _IRREGULAR_FORMS[word]
    if (found := _PREFIXED.fullmatch(word)) and found[2] in _IRREGULAR_VERBS and word not in _NOT_PREFIXED:
        return found[1] + _IRREGULAR_VERBS[found[2]]
    if (found := _COMPOUND.fullmatch(word)) and word not in _NOT_COMPOUND:
        return found[1] + _IRREGULAR_FORMS[found[2]]
    return None


def is_irregular_comparison(word: str) -> bool:
    """Whether a word is one such as best, which has translations of its own."""
    return word in _IRREGULAR_COMPARISONS


NEGATIONS = frozenset({"not", "no", "never", "nothing", "nobody", "none", "without", "cannot"})
# "won't" and "shan't" have other verbs than their long forms.
CONTRACTIONS = (
    ("won't", "will not"),
    ("shan't", "shall not"),
    ("can't", "can not"),
    ("cannot", "can not"),
    ("n't", " not"),
    ("'re", " are"),
    ("'m", " am"),
    ("'ll", " will"),
    ("'ve", " have"),
    ("'s", " is"),
    ("'d", " would"),
)
