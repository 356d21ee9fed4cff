"""Irregular forms of English words, and British spellings that no rule covers."""

import re

# Base forms by irregular form. A base form stands for all of its forms on both sides of the comparison.
_IRREGULAR = """
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
write: wrote written; good: better best; bad: worse worst; far: farther farthest further furthest
little: less least; child: children; foot: feet; tooth: teeth; goose: geese; mouse: mice; man: men; woman: women
person: people persons; ox: oxen; leaf: leaves; life: lives; wife: wives; knife: knives; wolf: wolves
shelf: shelves; thief: thieves; half: halves; loaf: loaves; calf: calves; scarf: scarves; self: selves
elf: elves; hoof: hooves; bus: buses; die: dying dies died; tie: tying; crisis: crises; analysis: analyses
datum: data; medium: media; bacterium: bacteria; phenomenon: phenomena; criterion: criteria; cactus: cacti
fungus: fungi
"""
IRREGULAR_FORMS = {
    form: base
    for base, _, forms in (entry.strip().partition(": ") for entry in re.split(r"[;\n]", _IRREGULAR) if entry)
    for form in forms.split()
}
# British spellings that no rule covers, and the American ones.
_BRITISH = """
grey gray; tyre tire; kerb curb; cheque check; plough plow; pyjamas pajamas; programme program; sceptic skeptic
sceptical skeptical; aluminium aluminum; mum mom; mummy mommy; moustache mustache; jewellery jewelry
aeroplane airplane; mould mold; smoulder smolder; storey story; draught draft; ageing aging; licence license
practise practice; defence defense; offence offense; pretence pretense; enrol enroll; fulfil fulfill
skilful skillful; wilful willful; instalment installment; judgement judgment; acknowledgement acknowledgment
manoeuvre maneuver; oestrogen estrogen; diarrhoea diarrhea; anaemia anemia; anaesthetic anesthetic
paediatric pediatric; encyclopaedia encyclopedia; mediaeval medieval; archaeology archeology; foetus fetus
yoghurt yogurt; axe ax; cosy cozy; doughnut donut; omelette omelet; centre center; theatre theater; fibre fiber
calibre caliber; spectre specter; sombre somber; lustre luster; sabre saber
"""
AMERICAN_SPELLINGS = dict(entry.split() for entry in re.split(r"[;\n]", _BRITISH) if entry)
AMERICAN_SPELLINGS |= {
    f"{prefix}{unit}re": f"{prefix}{unit}er" for prefix in ("", "kilo", "centi", "milli") for unit in ("met", "lit")
}

# Stems of words that end in -ise in American spelling, too.
_ISE = """
adv advert ar bru chast circumc clockw comprom conc cru dem desp dev disgu enterpr exc exerc expert franch impr
improv incs likew merchand no otherw pa parad po pra prec prem prom ra rev sunr superv surpr telev treat upr
"""
STEMS_IN_ISE = frozenset(_ISE.split())

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
