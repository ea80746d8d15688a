// Ours: GA4 pushes onto the dataLayer, which tag.js reads. The script element is in the page.
globalThis.tracker = {
  pageView: () => globalThis.dataLayer.push({ event: 'page_view' }),
  addToCart: ({ id, name, brand, category, variant, price, quantity }) =>
    globalThis.dataLayer.push(
      { ecommerce: null },
      {
        event: 'add_to_cart',
        ecommerce: {
          currency: 'BRL',
          value: price * quantity,
          items: [
            {
              item_id: id,
              item_name: name,
              item_brand: brand,
              item_category: category,
              item_variant: variant,
              price,
              quantity,
            },
          ],
        },
      },
    ),
}
