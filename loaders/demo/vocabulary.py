"""The words the demo shop is made of: places, product categories, review texts. Data only, written for the demo."""

from __future__ import annotations

from typing import NamedTuple


class Place(NamedTuple):
    """A city as people type it; `weight` is its share of the customers."""

    state: str
    city: str
    zip_prefix: int
    latitude: float
    longitude: float
    weight: int


PLACES = (
    Place("SP", "sao paulo", 1310, -23.5617, -46.6559, 160),
    Place("SP", "campinas", 13010, -22.9053, -47.0659, 40),
    Place("SP", "santos", 11010, -23.9335, -46.3240, 25),
    Place("SP", "ribeirao preto", 14010, -21.1775, -47.8103, 20),
    Place("SP", "santa barbara d'oeste", 13450, -22.7553, -47.4143, 6),
    Place("RJ", "rio de janeiro", 20040, -22.9068, -43.1729, 70),
    Place("RJ", "niteroi", 24020, -22.8832, -43.1034, 15),
    Place("MG", "belo horizonte", 30110, -19.9208, -43.9378, 45),
    Place("MG", "uberlandia", 38400, -18.9186, -48.2772, 14),
    Place("ES", "vitoria", 29010, -20.3155, -40.3128, 16),
    Place("BA", "salvador", 40020, -12.9718, -38.5011, 28),
    Place("SE", "aracaju", 49010, -10.9095, -37.0748, 5),
    Place("PE", "recife", 50030, -8.0539, -34.8811, 15),
    Place("AL", "maceio", 57020, -9.6658, -35.7350, 6),
    Place("PB", "joao pessoa", 58010, -7.1150, -34.8631, 6),
    Place("RN", "natal", 59010, -5.7945, -35.2110, 6),
    Place("CE", "fortaleza", 60010, -3.7172, -38.5433, 14),
    Place("PI", "teresina", 64000, -5.0920, -42.8038, 5),
    Place("MA", "sao luis", 65010, -2.5297, -44.3028, 6),
    Place("PA", "belem", 66010, -1.4554, -48.4898, 9),
    Place("AP", "macapa", 68900, 0.0349, -51.0694, 2),
    Place("AM", "manaus", 69010, -3.1190, -60.0217, 3),
    Place("RR", "boa vista", 69301, 2.8235, -60.6758, 2),
    Place("AC", "rio branco", 69900, -9.9747, -67.8100, 2),
    Place("DF", "brasilia", 70040, -15.7939, -47.8828, 20),
    Place("GO", "goiania", 74003, -16.6864, -49.2643, 18),
    Place("RO", "porto velho", 76801, -8.7612, -63.9004, 3),
    Place("TO", "palmas", 77001, -10.1837, -48.3336, 3),
    Place("MT", "cuiaba", 78005, -15.6010, -56.0974, 8),
    Place("MS", "campo grande", 79002, -20.4697, -54.6201, 7),
    Place("PR", "curitiba", 80010, -25.4284, -49.2733, 32),
    Place("PR", "londrina", 86010, -23.3045, -51.1696, 10),
    Place("SC", "florianopolis", 88010, -27.5954, -48.5480, 16),
    Place("SC", "joinville", 89201, -26.3045, -48.8487, 10),
    Place("RS", "porto alegre", 90010, -30.0346, -51.2177, 28),
    Place("RS", "caxias do sul", 95010, -29.1634, -51.1797, 9),
)

ACCENTED = {"sao paulo": "são paulo", "belem": "belém", "brasilia": "brasília", "goiania": "goiânia"}
"""Second spellings of a city, as geolocation files mix them."""

CATEGORIES = (
    ("ferramentas_manuais", "hand_tools"),
    ("cafeteiras", "coffee_makers"),
    ("mochilas", "backpacks"),
    ("tenis_corrida", "running_shoes"),
    ("bicicletas_pecas", "bicycle_parts"),
    ("tapetes", "rugs"),
    ("cadeiras_escritorio", "office_chairs"),
    ("lampadas_led", "led_lamps"),
    ("camisetas", "t_shirts"),
    ("panelas", "cookware"),
    ("fones_ouvido", "headphones"),
    ("jogos_tabuleiro", "board_games"),
    ("racao_animal", "pet_food"),
    ("vasos_plantas", "plant_pots"),
    ("cadernos", "notebooks"),
    ("cremes_pele", "skin_creams"),
    ("relogios_parede", "wall_clocks"),
    ("carregadores", "chargers"),
    ("violoes", "acoustic_guitars"),
    ("malas_viagem", "suitcases"),
)
UNTRANSLATED_CATEGORY = "acessorios_barco"
"""Products use it, the translation file lacks it: a foreign key that only warns."""

REVIEW_TITLES = ("Gostei", "Chegou antes", "Nota 10", "Muito bom", "Ainda esperando", "Não recomendo")
REVIEW_MESSAGES = (
    "Chegou no prazo e bem embalado.",
    "Produto igual ao da foto, gostei muito!",
    "Veio com um arranhão na tampa, mas funciona.",
    'Pedi o modelo "grande" e mandaram o pequeno.',
    "Primeira compra, correu tudo bem.\r\nVolto a comprar.",
    "Boa tarde,\r\n\r\nO pedido veio incompleto; falta uma peça.\r\nAguardo resposta",
    "Entrega rápida; recomendo 👍",
    "A cor é mais clara do que parece, fora isso ótimo",
)
