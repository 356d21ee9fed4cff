"""British spellings of English words, and the American ones."""

import re

# Those that no rule covers.
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
meagre meager; ochre ocher
sulphur sulfur; sulphate sulfate; sulphide sulfide; sulphuric sulfuric; artefact artifact; woollen woolen
marvellous marvelous; chilli chili; despatch dispatch; enquire inquire; enquiry inquiry; gruelling grueling
gaol jail; gramme gram; kilogramme kilogram; mollusc mollusk; pedlar peddler; snowplough snowplow; titbit tidbit
liquorice licorice; pyjama pajama; appal appall; distil distill; instil instill; enthral enthrall; sizeable sizable
likeable likable; loveable lovable; moveable movable; chequered checkered; furore furor; tranquillity tranquility
carburettor carburetor; anaesthesia anesthesia; anaesthetist anesthetist; paediatrician pediatrician
paediatrics pediatrics; faeces feces; gynaecology gynecology; gynaecologist gynecologist; haemorrhage hemorrhage
haemoglobin hemoglobin; haemorrhoid hemorrhoid; haemophilia hemophilia; leukaemia leukemia; oedema edema
oesophagus esophagus; orthopaedic orthopedic; homoeopathy homeopathy; foetal fetal; caesarean cesarean
"""
_AMERICAN = dict(entry.split() for entry in re.split(r"[;\n]", _BRITISH) if entry)
_AMERICAN |= {
    f"{prefix}{unit}re": f"{prefix}{unit}er" for prefix in ("", "kilo", "centi", "milli") for unit in ("met", "lit")
}
_ENDINGS = ("s", "ed", "ing", "er", "ers", "est", "ly")

# Stems of words that end in -ise in American spelling, too.
_ISE = """
adv advert ar bru chast circumc clockw comprom conc cru dem desp dev disgu enterpr exc exerc expert franch impr
improv incs likew merchand no otherw pa parad po pra prec prem prom ra rev sunr superv surpr telev treat upr
"""
STEMS_IN_ISE = frozenset(_ISE.split())


def american_spelling(word: str) -> str:
    """Return the American spelling of a British word of the list, or of a form of one: tyres, ploughed."""
    if word in _AMERICAN:
        return _AMERICAN[word]
    for ending in _ENDINGS:
        if word.endswith(ending):
            stem = word.removesuffix(ending)
            for base in (stem, f"{stem}e", f"{stem[:-1]}y" if stem.endswith("i") else ""):
                # Programmer and programming are American, too.
                if base in _AMERICAN and (base == stem or not base.endswith("mme")):
                    return _with_ending(_AMERICAN[base], ending)
    return word


def _with_ending(base: str, ending: str) -> str:
    if base.endswith("e") and ending[0] in "ei":
        return base[:-1] + ending
    if base.endswith("y") and base[-2] not in "aeiou" and ending != "ing":
        return f"{base[:-1]}ie{ending}" if ending == "s" else f"{base[:-1]}i{ending}"
    if base.endswith(("x", "s", "ch", "sh")) and ending == "s":
        return f"{base}es"
    return base + ending
