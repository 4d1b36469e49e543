//! The questions of the record store with their answers, and the graph and the embeddings that its
//! agents would have made of the records.

use serde::Deserialize;
use sqlx::PgConnection;
use uuid::Uuid;

use super::embedding;
use crate::import::ImportError;

const DATA: &str = include_str!("../../playground/data/record-store/faqs.json");

#[derive(Deserialize)]
struct Faq {
    question: String,
    answer: String,
    category: Option<String>,
    keywords: Vec<String>,
    usage: i32,
    helpful: i32,
    unhelpful: i32,
}

/// Adds them to a workspace that has the records.
pub async fn load(connection: &mut PgConnection, workspace: Uuid) -> Result<(), ImportError> {
    let faqs: Vec<Faq> = serde_json::from_str(DATA).map_err(|error| ImportError::Json {
        file: "faqs.json".to_owned(),
        line: error.line(),
        column: error.column(),
        reason: error.to_string(),
    })?;
    for faq in &faqs {
        add_faq(connection, workspace, faq).await?;
    }
    add_embeddings(connection, workspace).await?;
    add_graph(connection, workspace).await
}

async fn add_faq(
    connection: &mut PgConnection,
    workspace: Uuid,
    faq: &Faq,
) -> Result<(), ImportError> {
    let id = Uuid::new_v5(&workspace, format!("faq/{}", faq.question).as_bytes());
    sqlx::query(
        "insert into faqs (workspace_id, id, question, answer, category, keywords, usage_count, helpful_count, not_helpful_count) \
         values ($1, $2, $3, $4, $5::faq_category, $6, $7, $8, $9)",
    )
    .bind(workspace)
    .bind(id)
    .bind(&faq.question)
    .bind(&faq.answer)
    .bind(&faq.category)
    .bind(&faq.keywords)
    .bind(faq.usage)
    .bind(faq.helpful)
    .bind(faq.unhelpful)
    .execute(&mut *connection)
    .await?;
    let keywords = faq.keywords.join(" ");
    let question = embedding::of(&[(&faq.question, 1.0), (&keywords, 1.0)]);
    sqlx::query(
        "insert into faq_embeddings (workspace_id, faq_id, question_embedding, answer_embedding) \
         values ($1, $2, $3::text::vector, $4::text::vector)",
    )
    .bind(workspace)
    .bind(id)
    .bind(question)
    .bind(embedding::of(&[(&faq.answer, 1.0)]))
    .execute(connection)
    .await?;
    Ok(())
}

/// An album is near others of its artist and genre.
async fn add_embeddings(connection: &mut PgConnection, workspace: Uuid) -> Result<(), ImportError> {
    let albums: Vec<(Uuid, String, String, Option<String>)> = sqlx::query_as(
        "select p.id, p.title, a.artist, g.name from albums a \
         join products p on p.workspace_id = a.workspace_id and p.id = a.product_id \
         left join genres g on g.workspace_id = a.workspace_id and g.id = a.genre_id where a.workspace_id = $1",
    )
    .bind(workspace)
    .fetch_all(&mut *connection)
    .await?;
    let embeddings = albums.iter().filter_map(|(id, title, artist, genre)| {
        let genre = genre.as_deref().unwrap_or_default();
        let embedding = embedding::of(&[(title, 1.0), (artist, 1.5), (genre, 2.0)]);
        Some((*id, embedding?))
    });
    let (ids, embeddings): (Vec<Uuid>, Vec<String>) = embeddings.unzip();
    sqlx::query(
        "insert into product_embeddings (workspace_id, product_id, embedding) \
         select $1, e.id, e.embedding::vector from unnest($2::uuid[], $3::text[]) e (id, embedding)",
    )
    .bind(workspace)
    .bind(ids)
    .bind(embeddings)
    .execute(connection)
    .await?;
    Ok(())
}

/// Artists and genres, and how much of an artist's work is of a genre.
async fn add_graph(connection: &mut PgConnection, workspace: Uuid) -> Result<(), ImportError> {
    sqlx::query(
        "with works as ( \
           select a.artist, g.name as genre, count(*) as albums, sum(count(*)) over (partition by a.artist) as whole \
           from albums a join genres g on g.workspace_id = a.workspace_id and g.id = a.genre_id \
           where a.workspace_id = $1 group by a.artist, g.name \
         ), named as ( \
           select 'artist/' || artist as key, artist as name, 'person' as type from works \
           union select 'genre/' || genre, genre, 'concept' from works \
         ), entities as ( \
           insert into graph_entities (workspace_id, entity_key, entity_type, name) \
           select $1, key, type::graph_entity_type, name from named returning id, entity_key \
         ) \
         insert into graph_relationships (workspace_id, source_entity_id, target_entity_id, relationship_type, strength) \
         select $1, s.id, t.id, 'PLAYS', round(w.albums / w.whole, 2) from works w \
         join entities s on s.entity_key = 'artist/' || w.artist \
         join entities t on t.entity_key = 'genre/' || w.genre",
    )
    .bind(workspace)
    .execute(connection)
    .await?;
    Ok(())
}
